/** Requests to our own server, and texts that it wrote into the page. */

/** The token that every changing request must carry. */
export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** POST that answers JSON. Throws an Error with the server's message when it refuses. */
export async function post(url: string, body: URLSearchParams | object, signal?: AbortSignal): Promise<any> {
  const isForm = body instanceof URLSearchParams;
  const response = await fetch(url, {
    method: "POST",
    body: isForm ? body : JSON.stringify(body),
    headers: {
      "Accept": "application/json",
      "X-CSRFToken": csrfToken(),
      "Content-Type": isForm ? "application/x-www-form-urlencoded" : "application/json",
    },
    signal: signal ?? null,
  });
  return answer(response);
}

/** GET that answers JSON. */
export async function get(url: string, signal?: AbortSignal): Promise<any> {
  return answer(await fetch(url, { headers: { Accept: "application/json" }, signal: signal ?? null }));
}

async function answer(response: Response): Promise<any> {
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.message ?? data.detail ?? data.title ?? text("failed"));
  return data;
}

/** Whether an error only says that a newer request took this one's place. */
export const isAborted = (error: unknown) => error instanceof DOMException && error.name === "AbortError";

/** A text of the interface in the reader's language, from `<body data-texts>`. */
export function text(key: string): string {
  texts ??= JSON.parse(document.body.dataset.texts ?? "{}") as Record<string, string>;
  return texts[key] ?? key;
}
let texts: Record<string, string> | undefined;

/** Calls `work` once, `delay` ms after the last call. */
export function debounced(delay: number, work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, delay);
  };
}

/** Builds an element. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
