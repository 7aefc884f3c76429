/**
 * A typed contract over any channel that carries plain data: calls in one direction, news in the other.
 *
 * The side that serves checks each call by name before it runs it; what fails comes back as a text. A channel
 * that closes rejects all calls under way, so that nobody waits for ever.
 */

/** The least that a channel must be: a MessagePort, a WebSocket, IPC. */
export interface Channel {
  post(message: unknown): void;
  on(heard: (message: unknown) => void): void;
  /** Called once, when the other side is gone. */
  onClose(closed: () => void): void;
}

type Call = { call: number; name: string; args: unknown[] };
type Answer = { answer: number; value?: unknown; error?: string };
type Tidings = { news: string; args: unknown[] };

type Run = (...args: unknown[]) => Promise<unknown>;
type Hear = (...args: unknown[]) => void;

/** Answer calls on a channel. Returns the news side: call it like functions. `check` throws for arguments that are wrong. */
export function serveChannel<Api extends object, News extends object>(
  channel: Channel,
  api: Api,
  names: readonly (keyof Api & string)[],
  check: (name: string, args: unknown[]) => void,
): News {
  const known = new Set<string>(names);
  channel.on((message) => {
    const { call, name, args } = (message ?? {}) as Partial<Call>;
    if (typeof call !== 'number') return;
    const fail = (error: unknown) =>
      channel.post({ answer: call, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
    if (typeof name !== 'string' || !known.has(name) || !Array.isArray(args)) return fail(noCall(name, names));
    const run = async (): Promise<unknown> => {
      check(name, args);
      return (api[name as keyof Api] as Run).apply(api, args);
    };
    // An answer that can't be sent (too long for a text, no plain data) fails as its call does.
    run()
      .then((value) => channel.post({ answer: call, value } satisfies Answer))
      .catch(fail);
  });
  return new Proxy(
    {},
    {
      get:
        (_target, name) =>
        (...args: unknown[]) =>
          channel.post({ news: String(name), args } satisfies Tidings),
    },
  ) as News;
}

/** The calling side: an object whose methods go through the channel. */
export function connectChannel<Api extends object, News extends object>(channel: Channel, heard: Partial<News>): Api {
  let count = 0;
  let closed = false;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  channel.on((message) => {
    const { answer, value, error, news, args } = (message ?? {}) as Partial<Answer & Tidings>;
    if (typeof news === 'string')
      return void (Object.hasOwn(heard, news) ? (heard[news as keyof News] as Hear)(...(args ?? [])) : undefined);
    if (typeof answer !== 'number') return;
    const caller = waiting.get(answer);
    waiting.delete(answer);
    if (error === undefined) caller?.resolve(value);
    else caller?.reject(new Error(error));
  });
  channel.onClose(() => {
    closed = true;
    for (const { reject } of waiting.values()) reject(new Error('the lab is gone: its connection was closed'));
    waiting.clear();
  });
  return new Proxy(
    {},
    {
      get: (_target, name) => {
        if (name === 'then') return undefined; // an api is no promise
        return (...args: unknown[]) =>
          new Promise((resolve, reject) => {
            if (closed) return reject(new Error('the lab is gone: its connection was closed'));
            count += 1;
            waiting.set(count, { resolve, reject });
            try {
              channel.post({ call: count, name: String(name), args } satisfies Call);
            } catch (error) {
              // What can't be sent is never answered.
              waiting.delete(count);
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          });
      },
    },
  ) as Api;
}

/** In words for whoever asked for a call that is none; of what they asked for no more than a line. */
export const noCall = (name: unknown, names: Iterable<string>): string =>
  `there is no call '${typeof name === 'string' ? name.slice(0, 64) : typeof name}'; there are: ${[...names].join(', ')}`;
