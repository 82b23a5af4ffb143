/** `work` is what a call asks for, `health` a health check, `other` what no route knows. */
export type RequestKind = 'work' | 'health' | 'other';

export interface ErrorDetails {
  /** @default the provider's usual sentence for the status */
  readonly message?: string;
  /** The request's own id, where the provider repeats it in the body. @default a fixed one */
  readonly requestId?: string;
  /** The field at fault, where the provider names it. @default null */
  readonly param?: string;
}

/** The body in which a provider tells of a failure; `code` is its own code, not the status. */
export type ErrorBody = (
  status: number,
  code?: string | number | null,
  details?: ErrorDetails,
) => unknown;

/** Thrown by a route to answer with an error in the provider's own words. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly code: string | number | null;
  readonly param: string | null;

  constructor(status: number, code: string | number | null, message: string, param?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param ?? null;
  }
}

export interface Incoming {
  readonly request: Request;
  readonly url: URL;
  /** What the groups of the route's path matched, decoded. */
  readonly params: readonly string[];
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly kind: Exclude<RequestKind, 'other'>;
  readonly answer: (incoming: Incoming) => Response | Promise<Response>;
}

export interface ProviderOptions {
  readonly routes: readonly Route[];
  readonly errorBody: ErrorBody;
  /** Whether the request carries a key; any key will do. */
  readonly hasCredentials: (headers: Headers) => boolean;
  /** The response header with the id of the request. */
  readonly requestIdHeader: string;
  readonly newRequestId: () => string;
  /** What a good answer to its work is. @default 'application/json' */
  readonly contentType?: string;
}

/** One simulated provider: a table of routes behind a `fetch`-style handler. */
export class Provider {
  readonly contentType: string;
  readonly #options: ProviderOptions;

  constructor(options: ProviderOptions) {
    this.#options = options;
    this.contentType = options.contentType ?? 'application/json';
  }

  kindOf(method: string, pathname: string): RequestKind {
    return this.#routesOn(pathname).find((route) => route.method === method)?.kind ?? 'other';
  }

  /** Carries the request out. What can go wrong here is the client's fault; faults are planned. */
  async handle(request: Request): Promise<Response> {
    try {
      const response = await this.#dispatch(request, new URL(request.url));
      response.headers.set(this.#options.requestIdHeader, this.#options.newRequestId());
      return response;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message, param } = error;
      return this.failure(status, code, param === null ? { message } : { message, param });
    }
  }

  /** An error answer in the provider's own shape. */
  failure(
    status: number,
    code: string | number | null = null,
    details: ErrorDetails = {},
  ): Response {
    const requestId = this.#options.newRequestId();
    return Response.json(this.#options.errorBody(status, code, { ...details, requestId }), {
      status,
      headers: { [this.#options.requestIdHeader]: requestId },
    });
  }

  async #dispatch(request: Request, url: URL): Promise<Response> {
    const routes = this.#routesOn(url.pathname);
    if (routes.length === 0) return this.failure(404);
    const route = routes.find(({ method }) => method === request.method);
    if (!route) return this.failure(405);
    if (!this.#options.hasCredentials(request.headers)) return this.failure(401);
    const params = (route.path.exec(url.pathname) ?? []).slice(1).map(decoded);
    return route.answer({ request, url, params });
  }

  #routesOn(pathname: string): readonly Route[] {
    return this.#options.routes.filter((route) => route.path.test(pathname));
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(400, null, 'The path is not valid percent-encoding.');
  }
}

/** The request's JSON object. @throws Refusal (400) when it is anything else */
export async function readJsonObject(request: Request): Promise<Record<string, unknown>> {
  const parsed = parse(await request.text());
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed as Record<string, unknown>;
  }
  throw new Refusal(400, null, 'The body of the request is not a JSON object.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
