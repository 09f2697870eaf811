//! A frame of the timeline's bars at 1,000,000 bars in 24 lanes: laid out and made into a mesh anew, and drawn again
//! from the cache; beside a peer that paints one rectangle a bar.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]
#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "figures for people")]

use std::hint::black_box;
use std::time::Instant;

use egui::epaint::Mesh;
use egui::{Color32, Rect, pos2, vec2};
use invokelab::model::selection::{InvocationModel, Selection};
use invokelab::model::timeline::{Axis, BarKind, LaneKey, Timeline, Zoom, lay_out};
use invokelab::service::time::Timestamp;
use invokelab::ui::theme::DARK;
use invokelab::ui::timeline::geometry::Geometry;
use invokelab::ui::timeline::paint::BarMesh;
use invokelab::ui::timeline::rows::Row;

const LANES: u64 = 24;
const BARS: u64 = 1_000_000;
const WIDTH: f64 = 1_270.0;
const FRAMES: usize = 60;

fn main() {
    let timeline = timeline(BARS);
    let span = BARS / LANES * 100;
    let whole = Axis::new(0, span, &[], Zoom::of(WIDTH / span as f64), false);
    println!("{:<44} {:>10} {:>10}", "ms a frame", "p50", "p95");
    report("1,000,000 bars, whole range, uncached", || black_box(mesh(&timeline, &whole, 0.0)).vertices.len());
    let close = Axis::new(0, span, &[], Zoom::of(100.0 * WIDTH / span as f64), false);
    report("1,000,000 bars, 1 % in view, uncached", || black_box(mesh(&timeline, &close, 5_000.0)).vertices.len());
    let cached = std::sync::Arc::new(mesh(&timeline, &whole, 0.0));
    let ctx = egui::Context::default();
    report("1,000,000 bars, cached mesh, tessellated", || {
        draw(&ctx, |painter| {
            painter.add(egui::Shape::Mesh(cached.clone()));
        })
    });
    let few = self::timeline(10_000);
    let span = 10_000 / LANES * 100;
    let axis = Axis::new(0, span, &[], Zoom::of(WIDTH / span as f64), false);
    report("peer: 10,000 bars, one rounded rect each", || draw(&ctx, |painter| naive(&few, &axis, painter)));
}

fn report(name: &str, mut frame: impl FnMut() -> usize) {
    let mut times: Vec<f64> = (0..FRAMES)
        .map(|_| {
            let start = Instant::now();
            black_box(frame());
            start.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{name:<44} {:>10.2} {:>10.2}", times[FRAMES / 2], times[FRAMES * 95 / 100]);
}

fn timeline(bars: u64) -> Timeline {
    let mut timeline = Timeline::default();
    for number in 0..bars / LANES {
        for lane in 0..LANES {
            let key = LaneKey::Environment("f".into(), lane as u32);
            let start = number * 100 + lane;
            let kind = BarKind::Run(InvocationModel::Synchronous);
            timeline.begin(key.clone(), Timestamp(start), kind, Selection::Nothing, Some(1));
            timeline.end(&key, Timestamp(start + 40), number % 97 == 0);
        }
    }
    timeline
}

/// Lays out every lane and makes the rectangles, as the panel does.
fn mesh(timeline: &Timeline, axis: &Axis, scroll: f64) -> Mesh {
    let rows = timeline.lanes().map(|(key, sub, _)| Row {
        key: key.clone(),
        sub,
        name: String::new(),
        note: String::new(),
        indented: false,
    });
    let lanes = Rect::from_min_size(pos2(0.0, 0.0), vec2(WIDTH as f32, LANES as f32 * 26.0));
    let geometry = Geometry {
        axis: axis.clone(),
        rows: rows.collect(),
        whole: lanes,
        body: lanes,
        lanes,
        scroll,
        rows_scroll: 0.0,
        now: u64::MAX - 1,
    };
    let mut mesh = BarMesh::new(1.0);
    let (from, to) = geometry.view();
    for (row, (_, _, lane)) in timeline.lanes().enumerate() {
        let items = lay_out(lane, axis, from, to, geometry.now);
        mesh.lane(&geometry, row, lane, &items, &|_| true, &DARK);
    }
    mesh.mesh
}

fn naive(timeline: &Timeline, axis: &Axis, painter: &egui::Painter) {
    for (row, (_, _, lane)) in timeline.lanes().enumerate() {
        let top = row as f32 * 26.0;
        for index in 0..lane.len() {
            let (left, right) = (axis.position(lane.start(index)), axis.position(lane.end_at(index, u64::MAX - 1)));
            let rect = Rect::from_min_max(pos2(left as f32, top), pos2(right as f32, top + 16.0));
            painter.rect_filled(rect, 3.0, Color32::BLUE);
        }
    }
}

fn draw(ctx: &egui::Context, paint: impl Fn(&egui::Painter)) -> usize {
    let output = ctx.run_ui(egui::RawInput::default(), |ui| paint(ui.painter()));
    let shapes = ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
    output.drop_without_applying_deltas();
    shapes.len()
}
