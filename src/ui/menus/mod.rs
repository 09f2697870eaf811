//! What can be done with each kind of thing, said once: for context menus, the palette and buttons.

mod context_menu;
mod function;
mod invocation;
mod lines;
mod menu_item;
mod queue;

pub use context_menu::{context_menu, context_menu_at, item_menu, menu_items_ui};
pub use function::of_function;
pub use invocation::{InvocationItem, Recorded, carry_out, in_history, of_invocation};
pub use lines::of_line;
pub use menu_item::{Group, MenuItem, of_selection};
pub use queue::{of_message, of_queue};
