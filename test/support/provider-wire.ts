/** The body of a request for a model, as far as it is read here. */
export interface ModelRequest {
  model: string;
  messages?: { role: string; content: string | { type: string; text?: string }[] }[];
  /** Anthropic's. */
  system?: string | { text: string }[];
  output_config?: { format?: { schema: unknown } };
  /** Of `/embeddings`. */
  input?: string | string[];
  dimensions?: number;
  stream?: boolean;
  response_format?: { type: string; json_schema?: { name: string; schema: unknown } };
  [field: string]: unknown;
}

/**
 * What goes wrong: with the `next` n calls, with each nth (`every`), else with all, until other faults are
 * set.
 */
export interface ProviderFault {
  next?: number;
  every?: number;
  /** An error answer of this status. */
  status?: number;
  code?: string | null;
  type?: string;
  param?: string;
  message?: string;
  headers?: Record<string, string>;
  retryAfter?: string | number;
  delayMs?: number;
  /** Never answers. */
  hang?: boolean;
  /** Half of the answer, then a closed connection. */
  cut?: boolean;
  /** The message is JSON that breaks off. */
  malformed?: boolean;
  empty?: boolean;
  refusal?: string;
  finishReason?: string;
  /** Instead of the usage that is counted; null leaves it out. */
  usage?: Record<string, unknown> | null;
  /** The whole body as it goes over the wire. */
  body?: string;
}

interface Asked {
  request: ModelRequest;
  hash: string;
}

/** What goes over the wire: the form follows the path, and whether a stream was asked for. */
export function bodyOf(path: string, asked: Asked, given: string | undefined, fault: ProviderFault): string {
  const anthropic = path.endsWith('/messages');
  const error = errorOf(fault, anthropic);
  if (error !== undefined) return JSON.stringify(error);
  if (path.endsWith('/embeddings')) return JSON.stringify(vectorsFor(asked, fault));
  const text = textOf(asked.request, given, fault);
  if (!anthropic) {
    const answer = chatAnswer(asked, text, fault);
    return asked.request.stream === true ? chatStream(answer, text) : JSON.stringify(answer);
  }
  const answer = messageAnswer(asked, text, fault);
  return asked.request.stream === true ? messageStream(answer, text) : JSON.stringify(answer);
}

function errorOf(fault: ProviderFault, anthropic: boolean) {
  const { status, code = null, type = 'error', param = null, message = `refused with ${status}` } = fault;
  if (status === undefined || status < 300) return undefined;
  if (anthropic) return { type: 'error', error: { type: code ?? type, message }, request_id: 'req_x' };
  return { error: { message, type, param, code } };
}

function textOf(request: ModelRequest, given: string | undefined, fault: ProviderFault): string {
  if (fault.malformed === true) return '{"columns": [{"name": "a';
  return fault.empty === true ? '' : (given ?? writeAnswer(request));
}

function tokensOf(value: unknown): number {
  return Math.ceil(JSON.stringify(value ?? '').length / 4);
}

function chatAnswer({ request, hash }: Asked, content: string, fault: ProviderFault) {
  const usage = {
    prompt_tokens: tokensOf(request.messages),
    completion_tokens: Math.ceil(content.length / 4),
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
  return {
    id: `chatcmpl-${hash.slice(0, 24)}`,
    object: 'chat.completion',
    created: 1_700_000_000,
    model: request.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: fault.refusal ?? null },
        finish_reason: fault.finishReason ?? 'stop',
      },
    ],
    ...(fault.usage === null ? {} : { usage: fault.usage ?? usage }),
  };
}

function messageAnswer({ request, hash }: Asked, text: string, fault: ProviderFault) {
  const usage = {
    input_tokens: tokensOf([request.system, request.messages]),
    output_tokens: Math.ceil(text.length / 4),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  };
  return {
    id: `msg_${hash.slice(0, 24)}`,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: text === '' ? [] : [{ type: 'text', text }],
    stop_reason: fault.refusal === undefined ? (fault.finishReason ?? 'end_turn') : 'refusal',
    stop_sequence: null,
    usage: fault.usage ?? usage,
  };
}

function vectorsFor({ request }: Asked, fault: ProviderFault) {
  const texts = [request.input ?? ''].flat();
  const length = request.dimensions ?? 8;
  const vector = (text: string) =>
    Array.from({ length }, (_, at) => ((text.charCodeAt(at % Math.max(1, text.length)) || 1) % 17) / 17);
  return {
    object: 'list',
    model: request.model,
    data: fault.empty
      ? []
      : texts.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) })),
    ...(fault.usage === null ? {} : { usage: fault.usage ?? { prompt_tokens: 5, total_tokens: 5 } }),
  };
}

/** Server-sent events as OpenAI sends them. */
function chatStream(answer: ReturnType<typeof chatAnswer>, text: string): string {
  const { id, created, model, choices, ...rest } = answer;
  const head = { id, object: 'chat.completion.chunk', created, model };
  const chunk = (choice: object, more: object = {}) =>
    `data: ${JSON.stringify({ ...head, choices: [choice], ...more })}\n\n`;
  return [
    chunk({ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }),
    chunk({ index: 0, delta: {}, finish_reason: choices[0]?.finish_reason }, rest),
    'data: [DONE]\n\n',
  ].join('');
}

/** Server-sent events as Anthropic sends them. */
function messageStream(answer: ReturnType<typeof messageAnswer>, text: string): string {
  const { content: _content, stop_reason, usage, ...message } = answer;
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/**
 * A paragraph that names nothing, or a description of each column that the schema, else the prompt, lists.
 */
function writeAnswer(chat: ModelRequest): string {
  const format = chat.output_config?.format;
  const schema = format ? { name: 'columns', schema: format.schema } : chat.response_format?.json_schema;
  if (schema === undefined) {
    return (
      'Each row stands for one record of the source after cleaning. Values are taken over as they are, ' +
      'unless the code casts or renames them, and nothing is filtered out on the way.'
    );
  }
  const listed = [...new Set(enumsOf(schema.schema))];
  const names = listed.length > 0 ? listed : namesIn(chat.messages ?? []);
  const describe = (name: string) => ({
    name,
    description: `The ${name.replaceAll('_', ' ').toLowerCase()} of each record, as the model reads it.`,
  });
  return JSON.stringify(/^column/.test(schema.name) ? { columns: names.map(describe) } : {});
}

function enumsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = (schema as { enum?: unknown }).enum;
  const here = Array.isArray(own) ? own.filter((value) => typeof value === 'string') : [];
  return [...here, ...Object.values(schema).flatMap((part) => (part === own ? [] : enumsOf(part)))];
}

/** Lines such as: - order_id (bigint): …, of the section of columns where there is one. */
function namesIn(messages: NonNullable<ModelRequest['messages']>): string[] {
  const texts = messages.flatMap(({ content }) =>
    typeof content === 'string' ? content : content.map(({ text = '' }) => text),
  );
  const text = texts.join('\n');
  // A description may have line breaks, so the section ends only where the next one begins.
  const section = text.split('# Columns to describe\n')[1]?.split('\n\n# ')[0] ?? text;
  return [
    ...new Set([...section.matchAll(/^- `?(.+?)`?(?: [(a-z].*|: .*|)$/gm)].map(([, name = '']) => name)),
  ];
}
