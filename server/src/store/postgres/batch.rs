//! Lets those who want the same kind of thing written at the same moment share one statement, and one
//! wait for the disk. Nobody waits to be joined: who comes while one statement or none is under way is
//! written at once, and who comes while two are goes together with all others who did. Knows no SQL.

use std::sync::{Mutex, PoisonError};

use tokio::{
    select,
    sync::{Semaphore, oneshot},
    task::yield_now,
};

/// While one waits for the disk, the next can be worked on.
const AT_ONCE: usize = 2;

/// See the module. Writes `T`, and is told `R` of each.
pub(super) struct Batcher<T, R> {
    waiting: Mutex<Vec<(T, oneshot::Sender<R>)>>,
    /// One for each who writes for all that wait at the moment.
    turns: Semaphore,
}

impl<T, R> Batcher<T, R> {
    pub(super) fn new() -> Self {
        Self { waiting: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }

    /// Has `item` written: by whoever's turn it is, or by `write` with all that wait by then, which
    /// gives what to tell each of them, in their order.
    ///
    /// `None` where that failed, whether for this item's sake or another's: then each is to write its
    /// own. It may have been written.
    pub(super) async fn write<F>(&self, item: T, write: impl FnOnce(Vec<T>) -> F) -> Option<R>
    where
        F: Future<Output = Option<Vec<R>>>,
    {
        let (sender, mut told) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((item, sender));
        let turn = select! {
            biased;
            told = &mut told => return told.ok(),
            turn = self.turns.acquire() => turn,
        };
        // Whoever is as far as this one at this moment joins.
        yield_now().await;
        let (items, senders): (Vec<_>, Vec<_>) = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            // Who has gone wants nothing written any more.
            waiting.drain(..).filter(|(_, sender)| !sender.is_closed()).unzip()
        };
        let answers = if items.is_empty() { None } else { write(items).await };
        // Where there is no answer the sender goes, and that tells.
        for (sender, answer) in senders.into_iter().zip(answers.unwrap_or_default()) {
            let _ = sender.send(answer); // it may have gone meanwhile
        }
        drop(turn);
        // By this one just now, or by one who took it along before the turn came here.
        told.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::{sync::Semaphore, task::JoinHandle};

    use super::*;

    /// Notes what was written together; each batch ends when it may.
    struct Book {
        together: Batcher<u32, u32>,
        batches: Mutex<Vec<Vec<u32>>>,
        begun: Semaphore,
        may_end: Semaphore,
    }

    impl Book {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                together: Batcher::new(),
                batches: Mutex::default(),
                begun: Semaphore::new(0),
                may_end: Semaphore::new(0),
            })
        }

        /// Numbers 1 and 2 are being written, each by itself.
        async fn with_two_under_way() -> (Arc<Self>, [JoinHandle<Option<u32>>; 2]) {
            let book = Self::new();
            let first = book.write(1);
            book.until_begun().await;
            let second = book.write(2);
            book.until_begun().await;
            (book, [first, second])
        }

        /// Is told ten times its number, but for a batch with a zero, which fails.
        fn write(self: &Arc<Self>, number: u32) -> JoinHandle<Option<u32>> {
            let book = self.clone();
            tokio::spawn(async move {
                let write = async |batch: Vec<u32>| {
                    book.batches.lock().unwrap().push(batch.clone());
                    book.begun.add_permits(1);
                    book.may_end.acquire().await.unwrap().forget();
                    (!batch.contains(&0)).then(|| batch.iter().map(|number| number * 10).collect())
                };
                book.together.write(number, write).await
            })
        }

        async fn until_begun(&self) {
            self.begun.acquire().await.unwrap().forget();
        }

        async fn until_waiting(&self, count: usize) {
            while self.together.waiting.lock().unwrap().len() < count {
                yield_now().await;
            }
        }

        fn batches(&self) -> Vec<Vec<u32>> {
            let mut batches = self.batches.lock().unwrap().clone();
            for batch in &mut batches {
                batch.sort_unstable();
            }
            batches
        }
    }

    #[tokio::test]
    async fn who_comes_while_two_are_under_way_goes_with_the_others_and_is_told_its_own() {
        let (book, under_way) = Book::with_two_under_way().await;
        let others = [3, 4, 5].map(|number| book.write(number));
        book.until_waiting(3).await;
        book.may_end.add_permits(3);
        for (one, told) in under_way.into_iter().chain(others).zip([10, 20, 30, 40, 50]) {
            assert_eq!(one.await.unwrap(), Some(told));
        }
        assert_eq!(book.batches(), [vec![1], vec![2], vec![3, 4, 5]]);
    }

    #[tokio::test]
    async fn where_it_fails_all_of_them_are_to_do_their_own_and_the_next_are_not_concerned() {
        let (book, under_way) = Book::with_two_under_way().await;
        let failing = [0, 3].map(|number| book.write(number));
        book.until_waiting(2).await;
        book.may_end.add_permits(3);
        for (one, told) in
            under_way.into_iter().chain(failing).zip([Some(10), Some(20), None, None])
        {
            assert_eq!(one.await.unwrap(), told);
        }
        book.may_end.add_permits(1);
        assert_eq!(book.write(4).await.unwrap(), Some(40));
    }

    #[tokio::test]
    async fn who_has_gone_is_not_written_and_who_goes_while_writing_holds_nobody_up() {
        let (book, [writing, _other]) = Book::with_two_under_way().await;
        let (gone, stays) = (book.write(3), book.write(4));
        book.until_waiting(2).await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        writing.abort();
        book.until_begun().await;
        book.may_end.add_permits(2);
        assert_eq!(stays.await.unwrap(), Some(40));
        assert_eq!(book.batches(), [vec![1], vec![2], vec![4]]);
    }
}
