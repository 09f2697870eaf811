// Runs a Node.js handler against the Lambda Runtime API, with the standard library alone.
import fs from "node:fs";
import { Module, createRequire } from "node:module";
import net from "node:net";
import path from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format, types } from "node:util";

const address = process.env.AWS_LAMBDA_RUNTIME_API;
const root = process.env.LAMBDA_TASK_ROOT || process.cwd();
const codeFile = process.env.INVOKELAB_CODE_FILE;
delete process.env.INVOKELAB_CODE_FILE;
const base = "/2018-06-01/runtime/";
const common = `Host: ${address}\r\nUser-Agent: invokelab Node.js ${process.versions.node}\r\n`;
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HTTP_INTEGRATION = "application/vnd.awslambda.http-integration-response";

/** One kept-alive HTTP/1.1 connection; the server answers with a Content-Length, always. */
class Connection {
  #socket;
  #pieces = [];
  #size = 0;
  #head;
  #waiting;

  /** Sends a whole request and resolves with its answer. */
  exchange(head, body = "") {
    this.begin(head);
    if (body) this.#socket.write(body);
    this.#socket.uncork();
    return this.answer();
  }

  /** Sends a head; more may be written until the answer is waited for. */
  begin(head) {
    if (!this.#socket) this.#open();
    this.#socket.ref();
    this.#socket.cork();
    this.#socket.write(head);
  }

  write(data, done) {
    this.#socket.uncork();
    return this.#socket.write(data, done);
  }

  answer() {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #open() {
    const [host, port] = address.split(":");
    const socket = net.connect({ host, port: Number(port), noDelay: true });
    socket.on("data", (piece) => this.#take(piece));
    socket.on("error", (error) => this.#lose(error));
    socket.on("close", () => this.#lose(new Error("the Runtime API closed the connection")));
    this.#socket = socket;
  }

  #lose(error) {
    this.#socket = undefined;
    this.#pieces = [];
    this.#size = 0;
    this.#head = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  #take(piece) {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (!this.#head) {
      const all = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
      const end = all.indexOf("\r\n\r\n");
      this.#pieces = [all];
      if (end < 0) return;
      this.#head = parseHead(all.latin1Slice(0, end));
      this.#pieces = [all.subarray(end + 4)];
      this.#size = all.length - end - 4;
    }
    if (this.#size < this.#head.length) return;
    const body = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    const answer = { ...this.#head, body };
    this.#head = undefined;
    this.#pieces = [];
    this.#size = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    // An idle connection must not keep the event loop alive: callbackWaitsForEmptyEventLoop.
    this.#socket.unref();
    waiting?.resolve(answer);
  }
}

function parseHead(text) {
  const lines = text.split("\r\n");
  const headers = {};
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index];
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { status: Number(lines[0].split(" ", 2)[1]), headers, length: Number(headers["content-length"] || 0) };
}

const connection = new Connection();
const getNext = `GET ${base}invocation/next HTTP/1.1\r\n${common}\r\n`;

function post(place, text, more = "", on = connection) {
  const length = Buffer.byteLength(text);
  const head = `POST ${base}${place} HTTP/1.1\r\n${common}Content-Type: application/json\r\n${more}Content-Length: ${length}\r\n\r\n`;
  return on.exchange(head, text);
}

// Errors

class RuntimeFault extends Error {
  constructor(name, message, options) {
    super(message, options);
    this.name = `Runtime.${name}`;
  }
}

function isError(value) {
  const texts = value && [value.name, value.message, value.stack];
  return types.isNativeError(value) || Boolean(texts && texts.every((text) => typeof text === "string" && text));
}

/** Lines of a stack without our own frames. */
function stackOf(error) {
  const own = [import.meta.url, fileURLToPath(import.meta.url)];
  return String(error.stack).split("\n").filter((line) => !own.some((place) => line.includes(place)));
}

function fault(error) {
  try {
    if (isError(error)) return { errorType: error.name, errorMessage: error.message, trace: stackOf(error) };
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    const message = "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack";
    return { errorType: "handled", errorMessage: message };
  }
}

function logFault(label, value) {
  const error = value instanceof Error ? value : new Error(value);
  const members = (_, member) => {
    if (!(member instanceof Error)) return member;
    return { errorType: member.name, errorMessage: member.message, code: member.code, ...member, stack: stackOf(member) };
  };
  let text;
  try {
    text = JSON.stringify(error, members);
  } catch {
    text = JSON.stringify(fault(error));
  }
  console.error(label, `\t${text}`);
}

function postFault(place, error, on) {
  const value = fault(error);
  const name = String(value.errorType).replace(/[^\x21-\x7e]/g, "?");
  return post(place, JSON.stringify(value), `Lambda-Runtime-Function-Error-Type: ${name}\r\n`, on);
}

// Log

let requestId;

function setUpConsole() {
  const levels = { log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE", fatal: "FATAL" };
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...values) => {
      process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}\n`);
    };
  }
}

// The handler

function hasModuleType(folder) {
  const file = path.join(folder, "package.json");
  if (!folder.endsWith("node_modules") && fs.existsSync(file)) {
    try {
      return JSON.parse(fs.readFileSync(file)).type === "module";
    } catch (error) {
      console.warn(`${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  const above = path.dirname(folder);
  return above !== folder && !folder.endsWith("node_modules") && hasModuleType(above);
}

async function loadModule(place, name) {
  const require = createRequire(path.join(root, "invokelab.js"));
  const bundled = (ending) => (fs.existsSync(place + ending) ? require(place + ending) : undefined);
  const module = (ending) => (fs.existsSync(place + ending) ? import(pathToFileURL(place + ending).href) : undefined);
  if (fs.existsSync(place) && fs.statSync(place).isFile()) return require(place);
  if (codeFile && place + path.extname(codeFile) === codeFile) {
    const isCommon = codeFile.endsWith(".cjs") || (codeFile.endsWith(".js") && !hasModuleType(path.dirname(codeFile)));
    return isCommon ? require(codeFile) : module(path.extname(codeFile));
  }
  const isModule = fs.existsSync(`${place}.js`) && hasModuleType(path.dirname(place));
  const loaded = (isModule ? await module(".js") : bundled(".js")) ?? (await module(".mjs")) ?? bundled(".cjs");
  if (loaded) return loaded;
  if (!fs.existsSync(place)) {
    process.stdout.write(`${place}.mjs, .js or .cjs does not exist; correct \`handler\` (file.export) or \`code\` in invokelab.toml\n`);
  }
  return require(require.resolve(name, { paths: [root, path.dirname(place)] }));
}

async function load(handler) {
  if (handler.includes("..")) {
    const hint = "Use absolute paths when specifying root directories in handler names.";
    throw new RuntimeFault("MalformedHandlerName", `'${handler}' is not a valid handler name. ${hint}`);
  }
  const file = path.basename(handler);
  const match = file.match(/^([^.]*)\.(.*)$/);
  if (!match) throw new RuntimeFault("MalformedHandlerName", "Bad handler");
  const place = path.resolve(root, handler.slice(0, handler.length - file.length), match[1]);
  let loaded;
  try {
    loaded = await loadModule(place, match[1]);
  } catch (error) {
    if (error instanceof SyntaxError) throw renamed("UserCodeSyntaxError", error);
    if (error?.code === "MODULE_NOT_FOUND") throw renamed("ImportModuleError", error);
    throw error;
  }
  const found = match[2].split(".").reduce((nested, key) => nested && nested[key], loaded);
  if (!found) throw new RuntimeFault("HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw new RuntimeFault("HandlerNotFound", `${handler} is not a function`);
  return found;
}

/** The official runtime's name for an error, with the stack of the error itself, which names file and line. */
function renamed(name, error) {
  const fault = new RuntimeFault(name, String(error));
  fault.stack = `${fault.name}: ${error.stack}`;
  return fault;
}

// Invocations

/** Nothing to do when the event loop becomes empty. */
const idle = () => {};
let beforeExit = idle;

function makeContext(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  // Header bytes were read as Latin-1; they are UTF-8.
  const parsed = (text) => (text === undefined ? undefined : JSON.parse(Buffer.from(text, "latin1").toString()));
  return {
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed(headers["lambda-runtime-client-context"]),
    identity: parsed(headers["lambda-runtime-cognito-identity"]),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: headers["lambda-runtime-aws-tenant-id"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** Resolves with the result, or rejects: by a promise, a callback, context.done, or an event loop that has become empty. */
function call(handler, event, context) {
  return new Promise((resolve, reject) => {
    let waits = true;
    const done = (error, result) => {
      beforeExit = idle;
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    };
    const callback = (error, result) => {
      if ((error === undefined || error === null) && waits) beforeExit = () => done(null, result);
      else done(error, result);
    };
    Object.defineProperty(context, "callbackWaitsForEmptyEventLoop", {
      get: () => waits,
      set: (value) => {
        waits = value;
      },
      enumerable: true,
    });
    Object.assign(context, { succeed: (result) => done(null, result), fail: (error) => done(error ?? "handled"), done });
    // A handler that promises nothing and calls nobody has answered null when nothing is left to do.
    beforeExit = () => done(null, null);
    const result = handler(event, context, callback);
    if (result && typeof result.then === "function") result.then(context.succeed, context.fail);
  });
}

function serialise(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? "null";
  } catch {
    throw new Error("Unable to stringify response body");
  }
}

async function invoke(handler, event, headers) {
  let text;
  try {
    text = serialise(await call(handler, event, makeContext(headers)));
  } catch (error) {
    logFault("Invoke Error", error);
    return postFault(`invocation/${requestId}/error`, error);
  }
  return post(`invocation/${requestId}/response`, text);
}

/** What awslambda.streamifyResponse handlers write to: a chunked response, begun with the first byte. */
class ResponseStream extends Writable {
  begun = false;
  #contentType = "application/octet-stream";

  setContentType(contentType) {
    if (this.begun) throw new RuntimeFault("InvalidStreamingOperation", "Cannot set content-type, too late.");
    this.#contentType = contentType;
  }

  write(chunk, ...rest) {
    const plain = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(plain ? chunk : JSON.stringify(chunk), ...rest);
  }

  _write(chunk, _, done) {
    this.#begin();
    if (chunk.length === 0) return done();
    connection.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]), done);
  }

  _final(done) {
    this.#begin();
    done();
  }

  #begin() {
    if (this.begun) return;
    this.begun = true;
    const lines = ["Lambda-Runtime-Function-Response-Mode: streaming", "Transfer-Encoding: chunked", `Content-Type: ${this.#contentType}`];
    lines.push("Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");
    connection.begin(`POST ${base}invocation/${requestId}/response HTTP/1.1\r\n${common}${lines.join("\r\n")}\r\n\r\n`);
    if (this._onBeforeFirstWrite) {
      this._onBeforeFirstWrite((data) => {
        const bytes = Buffer.from(data);
        connection.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]));
      });
    }
  }
}

async function invokeStreaming(handler, event, headers) {
  const stream = new ResponseStream();
  const finished = new Promise((resolve) => stream.once("finish", resolve));
  let trailer = "";
  try {
    const promise = handler(event, stream, Object.assign(makeContext(headers), { callbackWaitsForEmptyEventLoop: true }));
    if (!promise || typeof promise.then !== "function") throw "Streaming does not support non-async handlers.";
    beforeExit = () => stream.destroy(new Error("Response stream is not finished."));
    const broken = new Promise((_, reject) => stream.once("error", reject));
    await Promise.race([promise, broken]);
    if (!stream.writableEnded) throw "Response stream is not finished.";
    await Promise.race([finished, broken]);
  } catch (error) {
    logFault("Invoke Error", error);
    if (!stream.begun) return postFault(`invocation/${requestId}/error`, error);
    const value = fault(error);
    const body = Buffer.from(JSON.stringify(value)).toString("base64");
    trailer = `Lambda-Runtime-Function-Error-Type: ${value.errorType}\r\nLambda-Runtime-Function-Error-Body: ${body}\r\n`;
  } finally {
    beforeExit = idle;
  }
  const answer = connection.answer();
  connection.write(`0\r\n${trailer}\r\n`);
  return answer;
}

// Start

function setUpPaths() {
  const folders = (process.env.NODE_PATH || "").split(path.delimiter).filter(Boolean);
  const version = process.versions.node.split(".")[0];
  const versioned = folders.map((folder) => path.join(path.dirname(folder), `node${version}`, "node_modules"));
  process.env.NODE_PATH = [...versioned.filter((folder) => fs.existsSync(folder)), ...folders].join(path.delimiter);
  if (folders.length > 0) Module._initPaths();
  else delete process.env.NODE_PATH;
  process.env.AWS_EXECUTION_ENV ??= `AWS_Lambda_nodejs${version}.x`;
}

function setUpStreaming() {
  const from = (stream, prelude) => {
    stream.setContentType(HTTP_INTEGRATION);
    stream._onBeforeFirstWrite = (write) => {
      write(JSON.stringify(prelude));
      write(new Uint8Array(8));
    };
    return stream;
  };
  const streamifyResponse = (handler) => Object.assign(handler, { [STREAMING]: "response" });
  globalThis.awslambda = { streamifyResponse, HttpResponseStream: class HttpResponseStream { static from = from; } };
}

/** Tells of an error that nobody caught, on a connection of its own, and ends. */
async function die(label, error, code) {
  logFault(label, error);
  try {
    await postFault(requestId ? `invocation/${requestId}/error` : "init/error", error, new Connection());
  } finally {
    process.exit(code);
  }
}

async function main() {
  setUpConsole();
  setUpPaths();
  setUpStreaming();
  process.on("uncaughtException", (error) => die("Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason) => {
    const fault = new RuntimeFault("UnhandledPromiseRejection", String(reason));
    fault.reason = reason;
    if (isError(reason)) fault.stack = `${fault.name}: ${reason.stack}`;
    die("Unhandled Promise Rejection", fault, 128);
  });
  // What it starts must be on the event loop before Node.js looks whether the loop is still empty.
  process.on("beforeExit", () => {
    const listener = beforeExit;
    if (listener !== idle) setImmediate(listener);
  });
  let handler;
  try {
    handler = await load(process.env._HANDLER || "");
  } catch (error) {
    return die("Uncaught Exception", error, 129);
  }
  const run = handler[STREAMING] === "response" ? invokeStreaming : invoke;
  for (;;) {
    const { status, headers, body } = await connection.exchange(getNext);
    if (status !== 200) throw new Error(`the Runtime API gave no event: ${status} ${body}`);
    requestId = headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = headers["lambda-runtime-trace-id"];
    await run(handler, JSON.parse(body), headers);
  }
}

main();
