import { render } from 'preact';
import { App } from './app.tsx';
import { start } from './store.ts';
import './style.css';

const host = document.querySelector('#app');
if (host) {
  start();
  render(<App />, host);
}
