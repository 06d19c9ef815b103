//! The demo: calls in every state, and a provider of their recordings in this process, over real HTTP.
//! The worker treats it as any other provider. `cli` allows it only on the embedded database and a
//! loopback address.

mod calls;
mod provider;

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use self::calls::{CALLS, DemoCall};
use crate::{
    clock::earlier,
    engine::{Availability, RecordingService, rules::Purpose},
    model::{CallFields, Recording},
    storage::Storage,
    store::{Result, Store},
};

/// The demo's provider, listening.
pub struct Demo {
    address: SocketAddr,
}

impl Demo {
    /// Starts the provider on a free port of this machine.
    pub async fn start(shutdown: CancellationToken) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            let serving = axum::serve(listener, provider::router());
            let serving = serving.with_graceful_shutdown(shutdown.cancelled_owned());
            if let Err(error) = serving.await {
                warn!(%error, "the demo's provider ended");
            }
        });
        Ok(Self { address })
    }

    /// Where the provider listens: the worker must be allowed to fetch from there.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Registers the demo's calls, and puts each into its state.
    pub async fn register(
        &self,
        store: &dyn Store,
        storage: &Storage,
        service: &RecordingService,
    ) -> Result<()> {
        for demo in &CALLS {
            self.register_one(demo, store, storage).await?;
            if demo.is_prefetched
                && let Availability::Final(why) =
                    service.ask(&demo.call_sid(), Purpose::Prefetch).await?
            {
                warn!(call_sid = demo.call_sid, ?why, "a demo call will not be ready");
            }
        }
        Ok(())
    }

    async fn register_one(
        &self,
        demo: &DemoCall,
        store: &dyn Store,
        storage: &Storage,
    ) -> Result<()> {
        let call_sid = demo.call_sid();
        let view = store.view(&call_sid).await?;
        // The same time at each start: the list must not jump.
        let before = view.call.and_then(|call| call.fields.started_at);
        let fields = CallFields {
            recording_url: demo.path.map(|path| self.url(path)),
            direction: Some(demo.direction),
            from: Some(demo.from.to_owned()),
            to: Some(demo.to.to_owned()),
            started_at: before.or_else(|| Some(earlier(view.now, demo.ago))),
            duration_seconds: Some(demo.seconds),
        };
        // A deleted demo call stays deleted.
        let _ = store.put_call(&call_sid, &fields).await?;
        if let Some(Recording::Ready(recording)) = view.recording
            && !demo.is_prefetched
        {
            // Fetched the last time: to be fetched again.
            let _ = store.forget_recording(&call_sid, &recording.key).await?;
            if let Err(error) = storage.delete(&recording.key).await {
                warn!(%call_sid, %error, "a demo recording's bytes are left to the sweep");
            }
        }
        Ok(())
    }

    fn url(&self, path: &str) -> crate::recording_url::RecordingUrl {
        let url = format!("http://{}{path}", self.address);
        url.parse().expect("an address and a path of ours make a URL")
    }
}
