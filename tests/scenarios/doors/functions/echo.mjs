export const handler = async (event) => ({
  statusCode: 200,
  headers: { "Content-Type": "application/json", "X-Order": "1042" },
  body: JSON.stringify({ ...event, environmentTrace: process.env._X_AMZN_TRACE_ID }),
});
