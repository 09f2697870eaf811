export const handler = async ({ Records }) => ({
  batchItemFailures: Records.filter((record) => JSON.parse(record.body).poison).map((record) => ({ itemIdentifier: record.messageId })),
});
