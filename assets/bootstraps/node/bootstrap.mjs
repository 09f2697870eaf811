// Runs a Node.js handler against the Lambda Runtime API, with the standard library alone.
import { existsSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const root = process.env.LAMBDA_TASK_ROOT;
const base = "/2018-06-01/runtime/";
const agent = new http.Agent({ keepAlive: true, maxSockets: 1, noDelay: true });

function exchange(method, place, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const request = http.request({ host, port, agent, method, path: base + place, headers: { ...headers, ...length } }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => resolve({ headers: answer.headers, body: Buffer.concat(pieces) }));
      answer.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

let requestId = "";
for (const [name, level] of Object.entries({ log: "INFO", info: "INFO", warn: "WARN", error: "ERROR", debug: "DEBUG", trace: "TRACE" })) {
  console[name] = (...values) => {
    process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}\n`);
  };
}

function fault(error, errorType) {
  if (!(error instanceof Error)) {
    return { errorType: errorType || typeof error, errorMessage: String(error), trace: [] };
  }
  const name = errorType || error.name;
  const stack = String(error.stack || "").split("\n").filter((line) => !line.includes("[eval1]") && !line.includes("node:internal"));
  return { errorType: name, errorMessage: errorType ? `${error.name}: ${error.message}` : error.message, trace: stack };
}

function named(errorType, message) {
  return { errorType, errorMessage: message, trace: [] };
}

async function load(handler) {
  const cut = handler.lastIndexOf(".");
  if (cut < 1) throw named("Runtime.MalformedHandlerName", `Bad handler '${handler}': expected file.export`);
  const file = handler.slice(0, cut);
  const name = handler.slice(cut + 1);
  const found = [".mjs", ".js", ".cjs"].map((ending) => path.join(root, file + ending)).find(existsSync);
  if (!found) throw named("Runtime.ImportModuleError", `Error: Cannot find module '${file}' in ${root}`);
  let loaded;
  try {
    loaded = found.endsWith(".cjs") ? createRequire(pathToFileURL(found))(found) : await import(pathToFileURL(found).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw fault(error, "Runtime.UserCodeSyntaxError");
    if (error && (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND")) throw fault(error, "Runtime.ImportModuleError");
    throw fault(error);
  }
  const found_handler = loaded[name] ?? loaded.default?.[name];
  if (typeof found_handler !== "function") throw named("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  return found_handler;
}

function makeContext(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const client = headers["lambda-runtime-client-context"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    clientContext: client ? JSON.parse(client) : undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function call(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error === null || error === undefined ? resolve(result) : reject(error));
    Object.assign(context, { succeed: resolve, fail: reject, done: callback });
    const result = handler(event, context, callback);
    if (result && typeof result.then === "function") result.then(resolve, reject);
    else if (handler.length < 3 && result !== undefined) resolve(result);
    else if (handler.length < 2) resolve(result);
  });
}

async function sendFault(place, value, label) {
  console.error(`${label}\t${JSON.stringify(value)}`);
  await exchange("POST", place, JSON.stringify(value), { "Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": value.errorType });
}

let handler;
try {
  handler = await load(process.env._HANDLER);
} catch (error) {
  const value = error && error.errorType ? error : fault(error);
  await sendFault("init/error", value, "Uncaught Exception");
  process.exit(1);
}

async function lastWords(value) {
  await sendFault(requestId ? `invocation/${requestId}/error` : "init/error", value, "Uncaught Exception");
  process.exit(128);
}
process.on("uncaughtException", (error) => lastWords(fault(error)));
process.on("unhandledRejection", (error) => lastWords(fault(error, "Runtime.UnhandledPromiseRejection")));

for (;;) {
  const next = await exchange("GET", "invocation/next");
  requestId = next.headers["lambda-runtime-aws-request-id"];
  process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"];
  try {
    const result = await call(handler, JSON.parse(next.body), makeContext(next.headers));
    const text = JSON.stringify(result);
    await exchange("POST", `invocation/${requestId}/response`, text === undefined ? "null" : text, { "Content-Type": "application/json" });
  } catch (error) {
    await sendFault(`invocation/${requestId}/error`, fault(error), "Invoke Error");
  }
}
