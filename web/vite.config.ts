import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

export default defineConfig(({ mode }) => {
  // The address of a running server, for `npm run dev` only; the built client talks to the origin that served it.
  const { ISTROS_SERVER: server = "http://127.0.0.1:8460" } = loadEnv(mode, ".", "ISTROS_");
  return {
    plugins: [react()],
    // The server's content policy forbids data: fonts, so nothing is inlined.
    build: { target: "es2023", assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
    server: { proxy: { "/api": { target: server, ws: true } } },
  };
});
