// Reads the burnt-in number back from whatever shows a picture, and notes when it is on the glass.
// window.istrosProbe.watch(tile) begins; .taken holds [tile, number, ms since 1970].
(() => {
  const COLUMNS = 8, ROWS = 2, ACROSS = 40, CELL = 6;
  const opened = [];
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(url, ...more) {
      super(url, ...more);
      if (String(url).includes("/api/live/")) opened.push({ url: String(url), at: wall(performance.now()) });
    }
  };
  const ask = window.fetch;
  window.fetch = (request, ...more) => {
    const url = String(request?.url ?? request);
    if (url.includes("/whep")) opened.push({ url, at: wall(performance.now()) });
    return ask(request, ...more);
  };
  function wall(now) {
    return Date.now() + (now - performance.now());
  }
  const canvas = new OffscreenCanvas(COLUMNS * CELL, ROWS * CELL);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  function read(source, width) {
    const block = width / ACROSS;
    context.drawImage(source, 0, 0, block * COLUMNS, block * ROWS, 0, 0, COLUMNS * CELL, ROWS * CELL);
    const data = context.getImageData(0, 0, COLUMNS * CELL, ROWS * CELL).data;
    let word = 0;
    for (let bit = 0; bit < 16; bit++) {
      const x = (bit % COLUMNS) * CELL + CELL / 2, y = Math.floor(bit / COLUMNS) * CELL + CELL / 2;
      word = (word << 1) | (data[(y * COLUMNS * CELL + x) * 4] > 128 ? 1 : 0);
    }
    const number = word >> 4;
    return (word & 15) === ((number ^ (number >> 4) ^ (number >> 8) ^ 10) & 15) ? number : -1;
  }
  const probe = { taken: [], opened, unreadable: 0 };
  const watched = new WeakSet();
  function note(tile, number, at) {
    if (number < 0) probe.unreadable += 1;
    else probe.taken.push([tile, number, at]);
  }
  function video(tile, element) {
    const next = () =>
      element.requestVideoFrameCallback((now, frame) => {
        next();
        note(tile, read(element, element.videoWidth), wall(frame.expectedDisplayTime));
      });
    next();
  }
  function drawn(tile, element) {
    let last = -1;
    const next = () =>
      requestAnimationFrame((now) => {
        next();
        if (element.width < ACROSS || !element.isConnected) return;
        const number = read(element, element.width);
        // What is drawn by now is on the glass with the next refresh.
        if (number !== last) note(tile, number, wall(now) + 1000 / 60);
        last = number;
      });
    next();
  }
  probe.look = () => {
    for (const tile of document.querySelectorAll(document.querySelector(".large") ? ".large > .tile" : ".tile[data-camera]"))
      for (const element of tile.querySelectorAll("video, canvas")) {
        if (watched.has(element)) continue;
        watched.add(element);
        (element.tagName === "VIDEO" ? video : drawn)(tile.dataset.camera, element);
      }
  };
  new MutationObserver(probe.look).observe(document, { subtree: true, childList: true });
  window.istrosProbe = probe;
})();
