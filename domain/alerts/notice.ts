/** How much something matters: to know, to look at soon, to act on now. Ascending. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What people are told over a channel, whatever the channel makes of it. */
export interface Notice {
  /** Stable over all attempts to deliver it over one channel, so that receivers can tell a repetition. */
  id: string;
  /** An alert's type, e.g. `budget_threshold`; or `test`, `digest`, `report`. */
  type: string;
  severity: Severity;
  /** One line. */
  title: string;
  /** Paragraphs, parted by an empty line. */
  text: string;
  /** Numbers and names worth a line of their own, as people read them. */
  facts: { name: string; value: string }[];
  /** The same for machines: what a webhook carries beside the above. Amounts in USD, times in ISO 8601. */
  data: Record<string, unknown>;
  /** A web address where more can be seen. */
  link?: string;
  /** When it happened, ISO 8601. */
  at: string;
  attachments?: Attachment[];
}

export interface Attachment {
  name: string;
  contentType: string;
  content: string;
}

/** How an attempt to tell somebody went. `retryAfterMs`: when the other side asked to be asked again. */
export type Delivered =
  | { ok: true; detail: string }
  | { ok: false; reason: string; retryable: boolean; retryAfterMs?: number };
