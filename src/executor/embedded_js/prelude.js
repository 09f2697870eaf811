// What a Lambda function finds around it: console, process, context. Evaluated once an environment.
(function (host) {
  "use strict";

  const SIMPLE_KEY = /^[A-Za-z_$][\w$]*$/;

  function inspect(value, depth, seen, nested) {
    switch (typeof value) {
      case "string": return nested ? quote(value) : value;
      case "bigint": return value + "n";
      case "symbol": return value.toString();
      case "function": return value.name ? `[Function: ${value.name}]` : "[Function (anonymous)]";
      case "object": break;
      default: return Object.is(value, -0) ? "-0" : String(value);
    }
    if (value === null) return "null";
    if (seen.includes(value)) return "[Circular *1]";
    if (value instanceof Error) return errorText(value);
    if (value instanceof Date) return isNaN(value) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return value.toString();
    if (value instanceof Promise) return "Promise { <pending> }";
    if (depth > 2) return Array.isArray(value) ? "[Array]" : "[Object]";
    const inside = seen.concat([value]);
    const show = (item) => inspect(item, depth + 1, inside, true);
    if (Array.isArray(value)) {
      const items = value.slice(0, 100).map(show);
      if (value.length > 100) items.push(`... ${value.length - 100} more items`);
      return wrap("[", items, "]", depth);
    }
    if (value instanceof Map) {
      return wrap(`Map(${value.size}) {`, [...value].map(([k, v]) => `${show(k)} => ${show(v)}`), "}", depth);
    }
    if (value instanceof Set) return wrap(`Set(${value.size}) {`, [...value].map(show), "}", depth);
    if (ArrayBuffer.isView(value)) {
      const items = Array.from(value.subarray ? value.subarray(0, 50) : []).map(String);
      return `${value.constructor.name}(${value.length}) [ ${items.join(", ")}${value.length > 50 ? ", ..." : ""} ]`;
    }
    const name = value.constructor && value.constructor.name;
    const prefix = name && name !== "Object" ? name + " " : "";
    const keys = Object.keys(value);
    return prefix + wrap("{", keys.map((key) => `${SIMPLE_KEY.test(key) ? key : quote(key)}: ${show(value[key])}`), "}", depth);
  }

  function quote(text) {
    return text.includes("'") ? JSON.stringify(text) : "'" + JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"') + "'";
  }

  function wrap(open, items, close, depth) {
    if (items.length === 0) return open + close;
    const line = `${open} ${items.join(", ")} ${close}`;
    if (line.length <= 76 && !line.includes("\n")) return line;
    const indent = "  ".repeat(depth + 1);
    return `${open}\n${indent}${items.join(",\n" + indent)}\n${"  ".repeat(depth)}${close}`;
  }

  function errorText(error) {
    const head = `${error.name}: ${error.message}`;
    const stack = host.stack(error).trimEnd();
    return stack ? `${head}\n${stack}` : head;
  }

  function format(values) {
    if (typeof values[0] !== "string" || !values[0].includes("%")) {
      return values.map((value) => inspect(value, 0, [], false)).join(" ");
    }
    let next = 1;
    const text = values[0].replace(/%([sdifjoOc%])/g, (all, kind) => {
      if (kind === "%") return "%";
      if (next >= values.length) return all;
      const value = values[next++];
      switch (kind) {
        case "s": return typeof value === "object" ? inspect(value, 1, [], false) : String(value);
        case "d": return typeof value === "bigint" ? value + "n" : String(Number(value));
        case "i": return String(parseInt(value, 10));
        case "f": return String(parseFloat(value));
        case "j": return JSON.stringify(value);
        case "c": return "";
        default: return inspect(value, 0, [], true);
      }
    });
    return [text, ...values.slice(next).map((value) => inspect(value, 0, [], false))].join(" ");
  }

  // Until the first event the lines of Node.js on Lambda say so, too.
  let requestId = undefined;
  const timers = new Map();
  const counts = new Map();
  let group = "";
  const write = (level, values) => {
    const text = format(values);
    const grouped = group ? text.split("\n").map((line) => group + line).join("\n") : text;
    host.log(`${new Date().toISOString()}\t${requestId}\t${level}\t${grouped}`);
  };
  const console = {
    log: (...values) => write("INFO", values),
    info: (...values) => write("INFO", values),
    warn: (...values) => write("WARN", values),
    error: (...values) => write("ERROR", values),
    debug: (...values) => write("DEBUG", values),
    trace: (...values) => write("TRACE", values),
    dir: (value) => write("INFO", [value]),
    table: (value) => write("INFO", [value]),
    assert: (condition, ...values) => { if (!condition) write("ERROR", ["Assertion failed", ...values]); },
    count: (label = "default") => {
      counts.set(label, (counts.get(label) || 0) + 1);
      write("INFO", [`${label}: ${counts.get(label)}`]);
    },
    countReset: (label = "default") => { counts.delete(label); },
    time: (label = "default") => { timers.set(label, Date.now()); },
    timeLog: (label = "default", ...values) => write("INFO", [`${label}: ${Date.now() - timers.get(label)}ms`, ...values]),
    timeEnd: (label = "default") => { console.timeLog(label); timers.delete(label); },
    group: (...values) => { if (values.length) console.log(...values); group += "  "; },
    groupEnd: () => { group = group.slice(2); },
    clear: () => {},
  };
  console.groupCollapsed = console.group;

  const process = {
    env: host.env,
    argv: ["javascript"],
    execArgv: [],
    pid: 1,
    platform: "linux",
    arch: host.arch,
    title: "javascript",
    version: "v22.0.0",
    versions: { node: "22.0.0" },
    release: { name: "node" },
    exitCode: undefined,
    cwd: () => "/var/task",
    uptime: () => (Date.now() - started) / 1000,
    hrtime: Object.assign((before) => {
      const now = Date.now() - started;
      const [s, n] = [Math.floor(now / 1000), (now % 1000) * 1e6];
      return before ? [s - before[0], n - before[1]] : [s, n];
    }, { bigint: () => BigInt(Date.now() - started) * 1000000n }),
    nextTick: (callback, ...values) => { Promise.resolve().then(() => guarded(callback)(...values)); },
    exit: (code = 0) => host.exit(code),
    abort: () => host.exit(134),
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
    on: () => process, once: () => process, off: () => process, removeListener: () => process, emit: () => false,
    emitWarning: (text) => console.warn(String(text)),
    stdout: { write: (text) => { host.log(String(text).replace(/\n$/, "")); return true; }, isTTY: false },
    stderr: { write: (text) => { host.log(String(text).replace(/\n$/, "")); return true; }, isTTY: false },
  };
  const started = Date.now();

  function structuredClone(value) {
    const copies = new Map();
    const copy = (value) => {
      if (typeof value === "function" || typeof value === "symbol") {
        throw new (globalThis.DOMException || Error)(`${String(value)} could not be cloned.`, "DataCloneError");
      }
      if (typeof value !== "object" || value === null) return value;
      if (copies.has(value)) return copies.get(value);
      const keep = (made) => { copies.set(value, made); return made; };
      if (value instanceof Date) return keep(new Date(value.getTime()));
      if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
      if (value instanceof ArrayBuffer) return keep(value.slice(0));
      if (ArrayBuffer.isView(value)) {
        const buffer = copy(value.buffer);
        return keep(new value.constructor(buffer, value.byteOffset, value.length));
      }
      if (value instanceof Map) {
        const made = keep(new Map());
        value.forEach((item, key) => made.set(copy(key), copy(item)));
        return made;
      }
      if (value instanceof Set) {
        const made = keep(new Set());
        value.forEach((item) => made.add(copy(item)));
        return made;
      }
      if (value instanceof Error) {
        const made = keep(new (globalThis[value.name] || Error)(value.message));
        made.stack = value.stack;
        return made;
      }
      const made = keep(Array.isArray(value) ? [] : {});
      for (const key of Object.keys(value)) made[key] = copy(value[key]);
      return made;
    };
    return copy(value);
  }

  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  define("console", console);
  define("process", process);
  define("global", globalThis);
  if (!globalThis.structuredClone) define("structuredClone", structuredClone);
  define("queueMicrotask", (callback) => { Promise.resolve().then(() => guarded(callback)()); });
  if (!globalThis.fetch) {
    define("fetch", () => {
      throw new Error("fetch is not available in the built-in JavaScript runtime; run this function on nodejs to reach the network");
    });
  }

  // What a callback throws ends the environment, as in Node.js; thrown on, it would only stop all other timers.
  const guarded = (callback) => (...given) => {
    try { callback(...given); } catch (error) { host.uncaught(error); }
  };

  // Timers that are pending; the host clears them before it takes the runtime apart.
  const pending = new Map();
  for (const [set, clear] of [["setTimeout", "clearTimeout"], ["setInterval", "clearInterval"], ["setImmediate", "clearImmediate"]]) {
    // The engine has no clearImmediate; its ids are those of the other timers.
    const [start, stop] = [globalThis[set], globalThis[clear] || globalThis.clearTimeout];
    if (!start) continue;
    define(set, (callback, ...values) => {
      const run = guarded(callback);
      const timer = start((...given) => { if (set !== "setInterval") pending.delete(timer); run(...given); }, ...values);
      pending.set(timer, stop);
      return timer;
    });
    define(clear, (timer) => { pending.delete(timer); return stop(timer); });
  }
  Object.defineProperty(globalThis, "__invokelab_clear", { value: () => { pending.forEach((stop, timer) => stop(timer)); pending.clear(); } });

  function makeContext(invocation) {
    const facts = host.facts;
    const deadline = invocation.deadline;
    return {
      callbackWaitsForEmptyEventLoop: true,
      functionName: facts.functionName,
      functionVersion: "$LATEST",
      invokedFunctionArn: invocation.arn,
      memoryLimitInMB: String(facts.memory),
      awsRequestId: invocation.requestId,
      logGroupName: facts.logGroup,
      logStreamName: facts.logStream,
      clientContext: invocation.clientContext ? JSON.parse(invocation.clientContext) : undefined,
      identity: undefined,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    };
  }

  // Response streaming, as the managed Node.js runtimes offer it.
  const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
  const PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response";

  class ResponseStream {
    #contentType = "application/octet-stream";
    #begun = false;
    #listeners = new Map();
    writable = true;
    writableEnded = false;
    writableFinished = false;
    destroyed = false;
    setContentType(type) {
      if (this.#begun) throw new Error("Cannot set content-type, too late.");
      this.#contentType = type;
    }
    begin() {
      if (this.#begun) return;
      this.#begun = true;
      host.beginStream(this.#contentType);
      if (this._onBeforeFirstWrite) this._onBeforeFirstWrite((chunk) => host.writeStream(bytesOf(chunk)));
    }
    write(chunk, encoding, callback) {
      if (this.writableEnded) throw new Error("write after end");
      const bytes = bytesOf(chunk, typeof encoding === "string" ? encoding : undefined);
      this.begin();
      host.writeStream(bytes);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) Promise.resolve().then(() => done(null));
      return true;
    }
    end(chunk, encoding, callback) {
      if (chunk !== undefined && chunk !== null && typeof chunk !== "function") this.write(chunk, encoding);
      this.begin();
      this.writableEnded = true;
      this.writable = false;
      const done = [chunk, encoding, callback].find((value) => typeof value === "function");
      Promise.resolve().then(() => {
        this.writableFinished = true;
        this.emit("finish");
        this.emit("close");
        if (done) done();
      });
      return this;
    }
    destroy(error) {
      this.destroyed = true;
      this.writable = false;
      if (error) this.emit("error", error);
      this.emit("close");
      return this;
    }
    on(name, listener) {
      this.#listeners.set(name, [...(this.#listeners.get(name) || []), listener]);
      return this;
    }
    addListener(name, listener) { return this.on(name, listener); }
    once(name, listener) {
      const once = (...values) => { this.off(name, once); listener(...values); };
      return this.on(name, once);
    }
    off(name, listener) {
      this.#listeners.set(name, (this.#listeners.get(name) || []).filter((other) => other !== listener));
      return this;
    }
    removeListener(name, listener) { return this.off(name, listener); }
    emit(name, ...values) {
      const listeners = this.#listeners.get(name) || [];
      listeners.forEach((listener) => listener(...values));
      return listeners.length > 0;
    }
    cork() {}
    uncork() {}
  }

  function bytesOf(chunk, encoding) {
    if (typeof chunk === "string") return Uint8Array.from(Buffer.from(chunk, encoding));
    if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
    throw new TypeError(`The "chunk" argument must be of type string or an instance of Buffer or Uint8Array. Received ${typeof chunk}`);
  }

  define("awslambda", {
    streamifyResponse: (handler) => Object.assign(handler, { [STREAMING]: "response" }),
    HttpResponseStream: class HttpResponseStream {
      static from(stream, prelude) {
        stream.setContentType(PRELUDE_TYPE);
        stream._onBeforeFirstWrite = (write) => {
          write(JSON.stringify(prelude));
          write(new Uint8Array(8));
        };
        return stream;
      }
    },
  });

  async function invokeStreaming(handler, event, context) {
    const stream = new ResponseStream();
    const broken = new Promise((_, reject) => stream.once("error", reject));
    const result = handler(event, stream, context);
    if (!result || typeof result.then !== "function") throw new Error("Streaming does not support non-async handlers.");
    await Promise.race([result, broken]);
    if (!stream.writableEnded) throw new Error("Response stream is not finished.");
    return "null";
  }

  // Gives back a promise of the response's JSON text; what a streaming handler wrote is with the host.
  return function invoke(handler, event, invocation) {
    requestId = invocation.requestId;
    process.env._X_AMZN_TRACE_ID = invocation.trace;
    const context = makeContext(invocation);
    if (handler[STREAMING]) return invokeStreaming(handler, event, context);
    return new Promise((resolve, reject) => {
      const callback = (error, result) => (error === null || error === undefined ? resolve(result) : reject(error));
      context.succeed = resolve;
      context.fail = reject;
      context.done = callback;
      const result = handler(event, context, callback);
      if (result && typeof result.then === "function") result.then(resolve, reject);
      else if (handler.length < 3 && result !== undefined) resolve(result);
      else if (handler.length < 2) resolve(result);
      else if (handler.length === 2 && !("" + handler).includes("context.")) resolve(result);
    }).then((result) => {
      const text = JSON.stringify(result);
      return text === undefined ? "null" : text;
    });
  };
})
