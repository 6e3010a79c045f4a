import { AppError, ERRORS, type ErrorCode, type ErrorDetail } from '../domain/errors.ts';

const REQUEST_LIMIT_MS = 60_000;

/**
 * `fetch` whose failures are AppErrors.
 * @throws AppError with the code that the API answered; `services_unavailable` when nothing answers
 */
export function createFetch(apiUrl: string, stop: AbortSignal) {
  return async (
    input: Parameters<typeof fetch>[0],
    init: RequestInit = {},
    limitMs = REQUEST_LIMIT_MS,
  ): Promise<Response> => {
    const limit = AbortSignal.timeout(limitMs);
    const signals = [stop, limit, ...(init.signal ? [init.signal] : [])];
    const response = await fetch(input, { ...init, signal: AbortSignal.any(signals) }).catch(
      (error: unknown) => {
        if (stop.aborted) throw stop.reason;
        if (init.signal?.aborted) throw init.signal.reason;
        throw unreachable(apiUrl, limit.aborted ? new Error(`no answer within ${limitMs / 1000} s`) : error);
      },
    );
    if (!response.ok) throw await errorOf(response, apiUrl);
    return response;
  };
}

export type Fetch = ReturnType<typeof createFetch>;

function unreachable(apiUrl: string, error: unknown): AppError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: string }).code;
  const why = code === 'ECONNREFUSED' ? 'nobody listens there' : ((cause as Error).message ?? String(cause));
  const message = `no Bursar API answers at ${apiUrl}: ${why}`;
  return new AppError('services_unavailable', message, { cause: error });
}

async function errorOf(response: Response, apiUrl: string): Promise<AppError> {
  const text = await response.text().catch(() => '');
  try {
    const { error } = JSON.parse(text) as {
      error: { code: string; message: string; requestId?: string; details?: ErrorDetail[] };
    };
    const known = error.code in ERRORS;
    const code = known ? (error.code as ErrorCode) : 'unexpected';
    const trace = code === 'unexpected' && error.requestId ? ` (request ${error.requestId})` : '';
    return new AppError(code, `${error.message}${trace}`, { details: error.details ?? [] });
  } catch {
    return new AppError('unexpected', `${apiUrl} answered ${response.status} and is perhaps no Bursar API`);
  }
}
