//! `tapedeck worker`

use std::time::Duration;

use anyhow::Result;
use tokio_util::task::AbortOnDropHandle;

use super::{metrics_listener, shutdown, systemd};
use crate::{bootstrap::Services, config::Settings};

pub(super) async fn run(settings: Settings) -> Result<()> {
    let metrics_listener = metrics_listener::listen_on(&settings).await?;
    let services = Services::open(&settings).await?;
    let worker = services.worker(&settings, None)?;
    // Without a listener there is nobody to be sent elsewhere.
    let shutdown = shutdown::on_signal(Duration::ZERO)?.begun;
    let _metrics = metrics_listener::serve(metrics_listener, services.scrape(None));
    let service = services.service.clone();
    let _watch =
        AbortOnDropHandle::new(tokio::spawn(async move { service.watch_database().await }));
    let supervising =
        systemd::supervise(services.store.clone(), Some(worker.rounds()), shutdown.clone());
    let _supervising = AbortOnDropHandle::new(tokio::spawn(supervising));
    let sweeping = services.sweeper().run(settings.sweep_interval, shutdown.clone());
    tokio::join!(worker.run(shutdown), sweeping);
    Ok(())
}
