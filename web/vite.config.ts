import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

// The server refuses cookie-authenticated requests from another origin, so the proxy speaks with the server's own.
const server = process.env.BILLOW_URL ?? 'http://127.0.0.1:8080';
const proxied = { target: server, changeOrigin: true, ws: true, headers: { origin: server } };

/** Changes with the operations of the app: what a device stored belongs to one version of them (see `cache.ts`). */
function storeVersion(): string {
  const root = fileURLToPath(new URL('./src', import.meta.url));
  const hash = createHash('sha256');
  const documents = sources(root).map((file) => readFileSync(file, 'utf8'));
  for (const text of documents.filter((text) => text.includes('graphql('))) hash.update(text);
  return hash.digest('hex').slice(0, 12);
}

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => join(folder, name));

/** The console's files have a folder of their own: customers' devices do not store them. */
const chunkFileNames = ({ moduleIds }: { readonly moduleIds: readonly string[] }) =>
  moduleIds.some((id) => id.includes('/src/staff/')) ? 'assets/staff/[name]-[hash].js' : 'assets/[name]-[hash].js';

export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { 'import.meta.env.VITE_STORE_VERSION': JSON.stringify(storeVersion()) },
  // Everything is a file of our own: the Content-Security-Policy allows neither inline scripts nor data: addresses.
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    sourcemap: false,
    target: 'es2022',
    rolldownOptions: { output: { chunkFileNames } },
  },
  server: { proxy: { '/graphql': proxied, '/unsubscribe': proxied, '/documents': proxied, '/verify': proxied } },
  plugins: [
    react(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: false,
      injectManifest: {
        globPatterns: ['index.html', 'assets/**/*.{js,css}', 'assets/inter-latin-wght-normal-*.woff2', 'icons/*.svg'],
        globIgnores: ['graphiql/**', 'assets/staff/**'],
      },
      manifest: {
        id: '/',
        name: 'Billow',
        short_name: 'Billow',
        description: 'All your household bills in one place.',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        background_color: '#f5f7fa',
        theme_color: '#0f4c5c',
        icons: [
          { src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icons/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
    }),
  ],
});
