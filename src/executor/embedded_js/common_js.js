// CommonJS: require, with one instance of each module however it is asked for. Evaluated once an environment.
(function (host) {
  "use strict";

  const builtin = globalThis.require;
  const modules = new Map();

  // Files of layers have their whole path as a name.
  const place = (name) => (name.startsWith("/") ? name : `/var/task/${name}`);

  function requireFrom(base) {
    return function require(wanted) {
      const name = host.locate(base, String(wanted));
      if (name !== undefined) return load(name);
      if (!/^\.{0,2}\//.test(wanted)) return builtin(wanted);
      const error = new Error(`Cannot find module '${wanted}'\nRequire stack:\n- ${place(base)}`);
      throw Object.assign(error, { code: "MODULE_NOT_FOUND" });
    };
  }

  function load(name) {
    const known = modules.get(name);
    if (known) return known.exports;
    const file = place(name);
    const module = { id: file, filename: file, exports: {}, loaded: false };
    modules.set(name, module);
    try {
      if (name.endsWith(".json")) module.exports = JSON.parse(host.read(name));
      else host.compile(name).call(module.exports, module.exports, requireFrom(name), module, file, file.slice(0, file.lastIndexOf("/")));
    } catch (error) {
      modules.delete(name);
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  const hidden = (value) => ({ value, writable: true, configurable: true });
  Object.defineProperties(globalThis, { require: hidden(requireFrom("index.js")), __invokelab_load: hidden(load) });
})
