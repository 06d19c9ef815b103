//! The provider that recordings are fetched from: local and as fast as a thread a connection makes it.
//! `/{bytes}/{delay in ms}/{any name}` is a WAV file of that many bytes, answered after that delay.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use crate::checkout::Outcome;

pub(crate) struct Provider {
    address: SocketAddr,
    downloads: Arc<Mutex<HashMap<String, u32>>>,
}

impl Provider {
    pub(crate) fn start() -> Outcome<Self> {
        let failed = |why: std::io::Error| format!("the stub provider can't listen: {why}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let downloads = Arc::new(Mutex::default());
        let counts = Arc::clone(&downloads);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counts = Arc::clone(&counts);
                // A client that goes is no concern of the provider's.
                thread::spawn(move || drop(answer_all(&stream, &counts)));
            }
        });
        Ok(Self { address, downloads })
    }

    /// `host:port`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The path of a recording.
    pub(crate) fn path(bytes: usize, delay: Duration, name: &str) -> String {
        format!("/{bytes}/{}/{name}", delay.as_millis())
    }

    /// How often a path was asked for.
    pub(crate) fn downloads(&self, path: &str) -> u32 {
        let counts = self.downloads.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(path).copied().unwrap_or_default()
    }
}

fn answer_all(stream: &TcpStream, counts: &Mutex<HashMap<String, u32>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        let path = line.split_whitespace().nth(1).unwrap_or_default().to_owned();
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
        }
        line.clear();
        *counts.lock().unwrap_or_else(PoisonError::into_inner).entry(path.clone()).or_default() +=
            1;
        let mut parts = path.split('/').skip(1).map(str::parse);
        let (Some(Ok(bytes)), Some(Ok(delay))) = (parts.next(), parts.next()) else {
            (&*stream).write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
            continue;
        };
        thread::sleep(Duration::from_millis(delay));
        send(stream, usize::try_from(bytes).unwrap_or_default())?;
    }
    Ok(())
}

fn send(mut stream: &TcpStream, bytes: usize) -> std::io::Result<()> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {bytes}\r\n\r\n");
    let mut start = head.into_bytes();
    start.extend(wav_header(bytes));
    stream.write_all(&start)?;
    let block = noise();
    let mut left = bytes.saturating_sub(44);
    while left > 0 {
        let part = left.min(block.len());
        stream.write_all(&block[..part])?;
        left -= part;
    }
    Ok(())
}

/// Of 16-bit mono at 8 kHz (RIFF WAVE, format 1).
fn wav_header(bytes: usize) -> Vec<u8> {
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let mut header = b"RIFF".to_vec();
    header.extend(size(bytes - 8));
    header.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    header.extend(8000u32.to_le_bytes());
    header.extend(16_000u32.to_le_bytes());
    header.extend(b"\x02\0\x10\0data");
    header.extend(size(bytes - 44));
    header
}

/// Bytes that do not compress: xorshift (G. Marsaglia, "Xorshift RNGs", 2003).
fn noise() -> Vec<u8> {
    let mut state = 0x9E37_79B9_u32;
    let next = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    std::iter::repeat_with(next).take(64 * 1024).flat_map(u32::to_le_bytes).collect()
}
