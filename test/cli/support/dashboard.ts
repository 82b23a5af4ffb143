import http from 'node:http';

/** Where a command says that it serves the dashboard. */
export const ADDRESS = /Dashboard: (http:\/\/127\.0\.0\.1:\d+\/)/;

export const WAIT = { timeout: 60_000, interval: 200 };

/** The status that a request for an address is answered with. */
export const statusOf = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    http
      .get(url, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
      .on('error', reject);
  });
