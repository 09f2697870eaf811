// A streamed answer: each line reaches whoever asked while the function still runs (RESPONSE_STREAM).

const STEPS = ["placed", "paid", "packed", "on its way", "delivered"];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const handler = awslambda.streamifyResponse(async (event, responseStream) => {
  const stream = awslambda.HttpResponseStream.from(responseStream, {
    statusCode: 200,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
  for (const step of STEPS) {
    stream.write(`order 1042: ${step}\n`);
    await pause(300);
  }
  stream.end();
});
