/**
 * What the driver of MongoDB calls its errors when the server is not there, or goes away in the middle. By
 * name, for nobody but the store needs the driver itself.
 */
const NAMES =
  /^Mongo(ose)?(Network|ServerSelection|Pool|NotConnected|Topology|ServerClosed|WaitQueue|OperationTimeout)/;

/**
 * Answers of a server that shuts down or is no longer the primary. The driver repeats most calls by itself
 * then, but no update of many documents.
 */
const SERVER_CODES: ReadonlySet<unknown> = new Set([91, 189, 10058, 10107, 11600, 11602, 13435, 13436]);

/** The driver passes on as it is what a socket says that the server has just closed. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/**
 * What the driver says of errors that go away: a server that was not there, and documents that a transaction
 * holds whose process has died; the server ends that one after a while.
 */
const PASSING: ReadonlySet<string> = new Set(['RetryableWriteError', 'TransientTransactionError']);

/** Whether a thrown thing says that the database is away or held up, which is nobody's mistake. */
export function isOutage(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { name, code, errorLabels } = thrown as { name?: unknown; code?: unknown; errorLabels?: unknown };
  if (NAMES.test(String(name)) || SERVER_CODES.has(code) || SOCKET_CODES.has(code)) return true;
  if (Array.isArray(errorLabels) && errorLabels.some((label) => PASSING.has(String(label)))) return true;
  // A bulk write keeps only the message of what broke; a server that answers gives a code.
  return name === 'MongoBulkWriteError' && code === undefined;
}
