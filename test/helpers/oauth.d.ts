// The part of the client library `oauth` that tests use; it brings no types of its own.
declare module 'oauth' {
  interface Failure {
    statusCode: number
    data: string
  }
  type Given = (failure: Failure | null, token: string, secret: string, more: Record<string, string>) => void
  type Got = (failure: Failure | null, text: string) => void
  type Token = [token: string, secret: string]

  export class OAuth {
    constructor(
      ...facts: [
        requestUrl: string,
        accessUrl: string,
        key: string,
        secret: string,
        version: string,
        callback: string,
        method: string,
      ]
    )
    getOAuthRequestToken(done: Given): void
    getOAuthAccessToken(...asked: [...Token, verifier: string, done: Given]): void
    get(url: string, ...rest: [...Token, got: Got]): void
    post(url: string, ...rest: [...Token, body: Record<string, string>, type: string, got: Got]): void
    delete(url: string, ...rest: [...Token, got: Got]): void
    authHeader(url: string, ...rest: [...Token, method: string]): string
  }
}
