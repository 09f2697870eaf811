//! Start to first frame, memory, and what an idle window costs, beside a bare window of the same toolkit.
//!
//! `cargo bench --bench window` on a machine with a display, or under `xvfb-run`. Linux only: it reads `/proc`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// Windows opened one after the other, ours and the bare one in turns.
const ROUNDS: usize = 7;
/// How long a window is left alone before it is looked at, and how long it is looked at.
const REST: Duration = Duration::from_secs(4);
const IDLE: Duration = Duration::from_secs(5);

fn main() {
    if std::env::args().any(|argument| argument == "--bare") {
        return bare();
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("window-bench");
    // Left by a run that was cut off.
    let _ = std::fs::remove_dir_all(&folder);
    let program = std::env::current_exe().expect("this program");
    let ours = || Command::new(env!("CARGO_BIN_EXE_invokelab"));
    let floor = || {
        let mut command = Command::new(&program);
        command.arg("--bare");
        command
    };
    // The first start unpacks the demo workspace.
    drop(open(ours(), &folder));
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        times.push(open(ours(), &folder).first_frame);
        floors.push(open(floor(), &folder).first_frame);
    }
    times.sort();
    floors.sort();
    report("start to first frame", &times);
    report("  a bare window of the same toolkit", &floors);
    let window = open(ours(), &folder);
    std::thread::sleep(REST);
    let (frames, ticks) = (window.frames.load(Ordering::Relaxed), ticks(&window.child));
    std::thread::sleep(IDLE);
    println!("idle for 5 s: {} frames", window.frames.load(Ordering::Relaxed) - frames);
    println!("idle for 5 s: {} ticks of CPU (100 a second)", self::ticks(&window.child) - ticks);
    println!("resident with the demo workspace: {} MB", resident(&window.child));
    let window = open(floor(), &folder);
    std::thread::sleep(REST);
    println!("  a bare window of the same toolkit: {} MB", resident(&window.child));
}

fn report(name: &str, sorted: &[Duration]) {
    let (first, middle, last) = (sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1]);
    println!("{name}: {} ms ({} to {})", middle.as_millis(), first.as_millis(), last.as_millis());
}

/// A window whose frames are counted; dropping it ends it.
struct Window {
    child: Child,
    first_frame: Duration,
    frames: Arc<AtomicUsize>,
}

impl Drop for Window {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
fn now() -> Instant {
    Instant::now()
}

fn open(mut command: Command, folder: &Path) -> Window {
    command.env("INVOKELAB_TELL_FRAMES", "1").env("INVOKELAB_DATA_DIR", folder).stderr(Stdio::piped()).stdout(Stdio::null());
    let began = now();
    let mut child = command.spawn().expect("the program");
    let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let frames = Arc::new(AtomicUsize::new(0));
    let (first, is_first) = mpsc::sync_channel(1);
    let counted = Arc::clone(&frames);
    let count = move || {
        for line in lines.map_while(Result::ok) {
            if line != "frame" {
                println!("{line}");
            } else if counted.fetch_add(1, Ordering::Relaxed) == 0 {
                // Whoever waits for it takes it.
                let _ = first.send(began.elapsed());
            }
        }
    };
    std::thread::Builder::new().name("frames".into()).spawn(count).expect("a thread");
    let first_frame = is_first.recv_timeout(Duration::from_secs(60)).expect("a first frame; is there a display?");
    Window { child, first_frame, frames }
}

/// CPU time used so far, all threads.
fn ticks(child: &Child) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("a running program");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<u64> = after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum()
}

fn resident(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("a running program");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

/// The least window of this toolkit: a label.
fn bare() {
    struct Bare;
    impl eframe::App for Bare {
        fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
            ui.label("bare");
            eprintln!("frame");
        }
    }
    let viewport = egui::ViewportBuilder::default().with_inner_size([1_440.0, 900.0]);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..eframe::NativeOptions::default() };
    eframe::run_native("bare", options, Box::new(|_| Ok(Box::new(Bare)))).expect("a display");
}
