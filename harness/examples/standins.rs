//! Runs all stand-ins, prints where they listen as one line of JSON, and stops at the end of its input or at Ctrl-C.
//!
//! ```text
//! $ cargo run -p otelgate-harness --example standins
//! {"collector":{"grpc":"http://127.0.0.1:36015","http":"http://127.0.0.1:43619"},"model":"http://127.0.0.1:40973/v1",…}
//! ```

use std::error::Error;
use std::io;

use otelgate_harness::standins;
use serde_json::json;
use tokio::sync::oneshot;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (collector, model, qdrant, redis) = tokio::try_join!(
        standins::collector().run(),
        standins::model().run(),
        standins::qdrant().run(),
        standins::redis().run()
    )?;
    let urls = json!({
        "collector": {"grpc": collector.grpc_url(), "http": collector.http_url()},
        "model": model.url(),
        "qdrant": qdrant.url(),
        "redis": redis.url(),
    });

    #[expect(clippy::print_stdout, reason = "a program's answer")]
    {
        println!("{urls}");
    }

    // A thread, for a blocking read would hold up the runtime's own end.
    let (ended, end_of_input) = oneshot::channel();
    std::thread::spawn(move || {
        // Input that breaks off has ended too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = ended.send(());
    });
    tokio::select! {
        _ = end_of_input => {}
        stop = tokio::signal::ctrl_c() => stop?,
    }
    Ok(())
}
