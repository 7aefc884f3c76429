/**
 * The stopwatch within the page: `bench`. It stands there before the page's own scripts run, and is all that the benchmark
 * adds to the page. What is measured is what a person would see: frames, rows, the map.
 */
/* global window, document, performance, requestAnimationFrame, cancelAnimationFrame, MutationObserver */
{
  let frames = [];
  let last = 0;
  let running = 0;
  const tick = (at) => {
    if (last !== 0) frames.push(at - last);
    last = at;
    running = requestAnimationFrame(tick);
  };
  const isOpen = (n) => {
    const newest = document.querySelector('.ev.latest');
    return (
      newest !== null &&
      Number(newest.id.slice('event-'.length)) >= n &&
      document.querySelector('.map .stage .host') !== null
    );
  };

  window.bench = {
    /** Begin to take down the time between frames. */
    startFrames() {
      frames = [];
      last = 0;
      running = requestAnimationFrame(tick);
    },
    /** Times between frames since then, ms. */
    stopFrames() {
      cancelAnimationFrame(running);
      return frames;
    },
    /** Resolves with performance.now() of the frame that shows the newest event, not before number `n`, and the map. */
    open: (n) =>
      new Promise((resolve) => {
        // The frame after the one that has them in its DOM has shown them.
        const look = () =>
          void (isOpen(n) ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look));
        look();
      }),
    /** As `open`, from a click on this button on; ms. */
    async openBy(button, n) {
      const clickedAt = performance.now();
      button.click();
      return (await window.bench.open(n)) - clickedAt;
    },
    /** Through the list of events from the newest to the oldest and back, in so many frames each. Returns the times between frames. */
    scroll: (frameCount) =>
      new Promise((resolve) => {
        const list = document.querySelector('.events .rows');
        const end = list.scrollHeight - list.clientHeight;
        let frame = 0;
        const step = () => {
          const gone = frame / frameCount;
          list.scrollTop = end * (gone <= 1 ? 1 - gone : gone - 1);
          frame += 1;
          if (frame <= 2 * frameCount) requestAnimationFrame(step);
          else resolve(window.bench.stopFrames());
        };
        window.bench.startFrames();
        step();
      }),
    /** Resolves with how long it took from the next press of the pointer until the DOM changed no more (for `quietMs`), ms. */
    settle: (quietMs) =>
      new Promise((resolve) => {
        window.addEventListener(
          'pointerdown',
          (press) => {
            let changedAt = performance.now();
            const observer = new MutationObserver(() => {
              changedAt = performance.now();
            });
            observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
            const look = () => {
              if (performance.now() - changedAt < quietMs) return void setTimeout(look, 10);
              observer.disconnect();
              resolve(changedAt - press.timeStamp);
            };
            setTimeout(look, quietMs);
          },
          { capture: true, once: true },
        );
      }),
    /** What the page says of the moment that it looks at. */
    said: () => ({
      n: Number(document.querySelector('.timeline [role=slider]').getAttribute('aria-valuenow')),
      banner: document.querySelector('.banner b')?.textContent ?? '',
      hosts: [...document.querySelectorAll('.map .host .face')].map((face) => face.getAttribute('aria-label') ?? ''),
    }),
  };
}
