// A streamed answer: each line reaches whoever asked while the function still runs (RESPONSE_STREAM).

const STEPS = ["placed", "paid", "packed", "on its way", "delivered"];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const [, order] = (event.rawPath ?? "").match(/^\/orders\/(\d+)/) ?? [null, "1042"];
  const known = order === "1042";
  const stream = awslambda.HttpResponseStream.from(responseStream, {
    statusCode: known ? 200 : 404,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
  for (const step of known ? STEPS : ["unknown"]) {
    stream.write(`order ${order}: ${step}\n`);
    await pause(known ? 300 : 0);
  }
  stream.end();
});
