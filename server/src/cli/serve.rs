//! `tapedeck serve`

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sendfile::{Limits, Options};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::{info, warn};

use super::{
    Serve, metrics_listener,
    shutdown::{self, Shutdown},
    systemd,
};
use crate::{
    access::{Access, Links},
    bootstrap::Services,
    clock::Clock,
    config::{DatabaseUrl, Settings},
    demo::Demo,
    engine::{LongPoll, LongPollLimits},
    http::{
        App, HeldPlaces, QueueEvents, Readiness, RequestIds, Site, error_page, file::OpenFiles,
        router,
    },
    worker::Worker,
};

/// Recordings kept open at once; each costs a file descriptor.
const OPEN_FILES: u64 = 256;
/// Connections at once. Four fifths of them, 10,000, may be held requests and event streams.
const CONNECTIONS: usize = 12_500;
/// For these, and what the process opens besides.
const ENOUGH_FILES: u64 = 20_000;

pub(super) async fn run(settings: Settings, serve: Serve) -> Result<()> {
    allow_many_connections();
    let listener = listen_on(settings.site_addr).await?;
    let address = listener.local_addr().context("the address can't be read")?;
    let metrics_listener = metrics_listener::listen_on(&settings).await?;
    let services = Services::open(&settings).await?;
    let Shutdown { draining, begun: shutdown } = shutdown::on_signal(settings.drain)?;

    let demo = start_demo(&settings, serve, address, &shutdown).await?;
    let own = demo.as_ref().map(Demo::address);
    let worker = if serve.no_worker { None } else { Some(services.worker(&settings, own)?) };
    if let Some(demo) = &demo {
        demo.register(&*services.store, &services.storage, &services.service).await?;
    }

    let service = services.service.clone();
    let _watch =
        AbortOnDropHandle::new(tokio::spawn(async move { service.watch_database().await }));

    info!("listening at http://{address}");
    let grace = settings.shutdown_grace;
    let limits = Limits { connections: CONNECTIONS, grace, ..Limits::default() };
    let tokens = Shutdown { draining, begun: shutdown.clone() };
    let app = app(&settings, &services, &limits, tokens);
    let _metrics =
        metrics_listener::serve(metrics_listener, services.scrape(Some(app.long_poll.clone())));
    let options = Options { limits, error_pages: error_page };
    let serving = sendfile::serve(listener, router(Arc::new(app)), shutdown.clone(), options);
    let rounds = worker.as_ref().map(Worker::rounds);
    let supervising = systemd::supervise(services.store.clone(), rounds, shutdown.clone());
    let _supervising = AbortOnDropHandle::new(tokio::spawn(supervising));
    let sweeping = services.sweeper().run(settings.sweep_interval, shutdown.clone());
    let working = async {
        if let Some(worker) = worker {
            worker.run(shutdown).await;
        }
    };
    tokio::join!(serving, sweeping, working);
    Ok(())
}

/// Each held request is an open file, and what a process may open unasked is often 1,024 (`ulimit
/// -S`). Takes as many as it may have (`ulimit -H`).
fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    match (raised, limit.maximum) {
        (Ok(()), Some(most)) if most < ENOUGH_FILES => {
            warn!("only {most} files may be open at once: held requests need one each");
        }
        (Err(error), _) => warn!(%error, "the number of open files can't be raised"),
        _ => {}
    }
}

fn app(settings: &Settings, services: &Services, limits: &Limits, shutdown: Shutdown) -> App {
    let Shutdown { draining, begun: closing } = shutdown;
    let held = HeldPlaces::of(limits.connections);
    let (service, notifier) = (services.service.clone(), services.notifier.clone());
    let limits = LongPollLimits::default();
    App {
        store: services.store.clone(),
        storage: services.storage.clone(),
        files: OpenFiles::new(OPEN_FILES),
        long_poll: Arc::new(LongPoll::new(
            service.clone(),
            notifier.clone(),
            limits,
            closing.clone(),
        )),
        queue: QueueEvents::new(services.queue.clone(), settings.policy),
        closing,
        metrics: services.metrics.clone(),
        request_ids: RequestIds::new(),
        service,
        notifier,
        attempt_counter: services.attempt_counter.clone(),
        access: access(settings, &services.clock),
        site: Site::open(&settings.site_root),
        embed_origins: settings.embed_origins.clone(),
        held,
        readiness: Readiness::until(draining),
    }
}

fn access(settings: &Settings, clock: &Arc<dyn Clock>) -> Access {
    let token = settings.admin_token.clone();
    Access::new(token, settings.public_playback, clock.clone())
        .with_links(Links::new(settings.link_keys.clone(), clock.clone()))
        .with_public_url(settings.public_url.clone())
}

async fn listen_on(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("LEPTOS_SITE_ADDR={address}: can't listen there; choose another port or address")
    })
}

/// The demo is asked for by its flag, or by being started by `cargo leptos`; then only where it
/// is possible.
async fn start_demo(
    settings: &Settings,
    serve: Serve,
    address: SocketAddr,
    shutdown: &CancellationToken,
) -> Result<Option<Demo>> {
    let is_embedded = matches!(settings.database, DatabaseUrl::Sqlite(_));
    if serve.demo && !is_embedded {
        bail!(
            "--demo: there are demo calls in the embedded database alone; leave out --demo, or unset TAPEDECK_DATABASE_URL"
        );
    }
    if serve.demo && !address.ip().is_loopback() {
        bail!("--demo: there are demo calls on a loopback address alone, such as 127.0.0.1:3000");
    }
    let is_possible = is_embedded && address.ip().is_loopback();
    let is_wanted = serve.demo || settings.under_cargo_leptos;
    if !is_wanted || !is_possible {
        return Ok(None);
    }
    let demo = Demo::start(shutdown.clone()).await.context("the demo's provider can't listen")?;
    Ok(Some(demo))
}
