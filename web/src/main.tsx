import "./istros.css";
import "./screens.css";
import "./words";

import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";

import { whenSignedOut } from "./api/client";
import { enter, queryClient, session, sessionEnded } from "./api/queries";
import { speakOfFields } from "./base/validity";
import { router } from "./router";

whenSignedOut(() => {
  if (!session.get()) return;
  sessionEnded.set(true);
  enter(null);
});

speakOfFields();

const place = document.getElementById("root");
if (place !== null) {
  createRoot(place).render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}
