//! Runs all stand-ins, prints where they listen as one line of JSON, and stops at the end of its input or at Ctrl-C.
//!
//! ```text
//! $ cargo run -p otelgate-harness --example standins
//! {"model":"http://127.0.0.1:40973/v1","qdrant":"http://127.0.0.1:34521","redis":"redis://127.0.0.1:38087"}
//! ```

use std::error::Error;
use std::io;

use otelgate_harness::standins;
use serde_json::json;
use tokio::sync::oneshot;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (model, qdrant, redis) =
        tokio::try_join!(standins::model().run(), standins::qdrant().run(), standins::redis().run())?;

    #[expect(clippy::print_stdout, reason = "a program's answer")]
    {
        println!("{}", json!({"model": model.url(), "qdrant": qdrant.url(), "redis": redis.url()}));
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
