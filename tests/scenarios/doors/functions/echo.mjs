// Lambda adds the chain of functions that an event came by (Lineage); what is before it is the client's.
const environmentTrace = () => process.env._X_AMZN_TRACE_ID.replace(/;Lineage=.*/, "");

export const handler = async (event) => ({
  statusCode: 200,
  headers: { "Content-Type": "application/json", "X-Order": "1042" },
  body: JSON.stringify({ ...event, environmentTrace: environmentTrace() }),
});
