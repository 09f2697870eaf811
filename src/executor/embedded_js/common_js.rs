//! `require` and what it loads: files of the function's folder and layers, packages in `node_modules`, LLRT's own modules.

use rquickjs::context::EvalOptions;
use rquickjs::function::Func;
use rquickjs::{Ctx, Exception, Function, Object, Result};

use super::modules::{self, Folders, Loaded, Sources};

const SOURCE: &str = include_str!("common_js.js");

/// Gives scripts their `require`; ES modules reach CommonJS files by [`as_module`].
pub(super) fn install(ctx: &Ctx<'_>, folders: Folders, loaded: Loaded) -> Result<()> {
    let host = Object::new(ctx.clone())?;
    let sources = Sources { folders, loaded };
    let (to_locate, to_read) = (sources.clone(), sources.clone());
    host.set("locate", Func::from(move |base: String, wanted: String| modules::locate(&to_locate.folders, &base, &wanted)))?;
    host.set("read", Func::from(move |ctx: Ctx<'_>, name: String| to_read.read(&ctx, &name)))?;
    host.set("compile", Function::new(ctx.clone(), compiler(sources))?)?;
    ctx.eval::<Function, _>(SOURCE)?.call((host,))
}

/// Compiles a file into the function that Node.js makes of it; its lines keep their numbers.
fn compiler(sources: Sources) -> impl for<'js> Fn(Ctx<'js>, String) -> Result<Function<'js>> {
    move |ctx, name| {
        let text = sources.read(&ctx, &name)?;
        if modules::is_es_module(&ctx, &name, &text) {
            return Err(Exception::throw_message(&ctx, &format!("require() of ES Module {name} is not supported; import it")));
        }
        compile(&ctx, &text, name)
    }
}

fn compile<'js>(ctx: &Ctx<'js>, text: &str, name: String) -> Result<Function<'js>> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name);
    ctx.eval_with_options(format!("(function (exports, require, module, __filename, __dirname) {{{text}\n}})"), options)
}

/// Whether a text can be no body of a function for its imports or exports, which bundles have anywhere in a line.
pub(super) fn is_module_syntax(ctx: &Ctx<'_>, text: &str) -> bool {
    if !(text.contains("import") || text.contains("export")) || compile(ctx, text, String::new()).is_ok() {
        return false;
    }
    // The error comes up again where it belongs.
    ctx.catch();
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|word| word == "export" || word == "import")
}

/// An ES module whose default export is what `require` gives of the same file.
pub(super) fn as_module(name: &str) -> String {
    // A text in JSON is a text in JavaScript.
    format!("export default globalThis.__invokelab_load({});", serde_json::Value::from(name))
}
