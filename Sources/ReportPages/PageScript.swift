/// What a page does: the slider, the linked zoom, and details that are open in print. Without it all pictures stand side by side.
enum PageScript {
    static let code = """
        "use strict";
        for (const figure of document.querySelectorAll("[data-compare]")) {
          const panes = figure.querySelector(".panes");
          const pictures = [...panes.querySelectorAll("img")];
          const slider = figure.querySelector(".slider");
          const tools = figure.querySelector(".tools");
          const state = { scale: 1, x: 0, y: 0 };

          // One zoom for all pictures of a figure: x and y are the hidden parts at the left and top, of the width and height shown.
          const draw = () => {
            state.scale = Math.min(32, Math.max(1, state.scale));
            const most = state.scale - 1;
            state.x = Math.min(most, Math.max(0, state.x));
            state.y = Math.min(most, Math.max(0, state.y));
            for (const picture of figure.querySelectorAll(".view img")) {
              picture.style.transform = `translate(${-100 * state.x}%,${-100 * state.y}%) scale(${state.scale})`;
            }
            tools.querySelector("output").textContent = `${Math.round(100 * state.scale)} %`;
          };
          const zoom = (factor, px, py) => {
            const before = state.scale;
            state.scale = Math.min(32, Math.max(1, before * factor));
            const ratio = state.scale / before;
            state.x = (state.x + px) * ratio - px;
            state.y = (state.y + py) * ratio - py;
            draw();
          };
          const place = (event, view) => {
            const box = view.getBoundingClientRect();
            return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
          };
          const keys = (event) => {
            const step = 0.1;
            if (event.key === "+" || event.key === "=") zoom(1.5, 0.5, 0.5);
            else if (event.key === "-") zoom(1 / 1.5, 0.5, 0.5);
            else if (event.key === "0") { state.scale = 1; draw(); }
            else if (event.key === "ArrowLeft") { state.x -= step; draw(); }
            else if (event.key === "ArrowRight") { state.x += step; draw(); }
            else if (event.key === "ArrowUp") { state.y -= step; draw(); }
            else if (event.key === "ArrowDown") { state.y += step; draw(); }
            else return;
            event.preventDefault();
          };
          const listen = (view) => {
            view.addEventListener("wheel", (event) => {
              if (!event.ctrlKey && document.activeElement !== panes) return;
              event.preventDefault();
              zoom(event.deltaY > 0 ? 1 / 1.2 : 1.2, ...place(event, view));
            }, { passive: false });
            view.addEventListener("dblclick", (event) => zoom(2, ...place(event, view)));
            let last = null;
            view.addEventListener("pointerdown", (event) => {
              if (state.scale > 1) { last = place(event, view); view.setPointerCapture(event.pointerId); }
            });
            view.addEventListener("pointermove", (event) => {
              if (!last) return;
              const now = place(event, view);
              state.x += last[0] - now[0];
              state.y += last[1] - now[1];
              last = now;
              draw();
            });
            for (const end of ["pointerup", "pointercancel"]) view.addEventListener(end, () => { last = null; });
          };

          tools.hidden = false;
          for (const button of tools.querySelectorAll("button")) {
            button.addEventListener("click", () => {
              const factor = Number(button.dataset.zoom);
              if (factor) zoom(factor, 0.5, 0.5); else { state.scale = 1; draw(); }
            });
          }
          panes.addEventListener("keydown", keys);
          for (const view of panes.querySelectorAll(".view")) listen(view);
          if (slider) {
            slider.hidden = false;
            const view = slider.querySelector(".view");
            const choices = [...slider.querySelectorAll("select")];
            const show = () => {
              view.querySelectorAll("img").forEach((picture) => picture.remove());
              choices.forEach((choice, index) => {
                const picture = pictures[choice.selectedIndex].cloneNode();
                picture.className = index === 0 ? "under" : "over";
                view.insertBefore(picture, view.querySelector(".seam"));
              });
              draw();
            };
            choices.forEach((choice) => choice.addEventListener("change", show));
            const range = slider.querySelector("input");
            const split = () => view.style.setProperty("--split", `${range.value}%`);
            range.addEventListener("input", split);
            view.addEventListener("pointermove", (event) => {
              if (state.scale > 1 || (event.pointerType !== "mouse" && event.buttons === 0)) return;
              range.value = 100 * place(event, view)[0];
              split();
            });
            listen(view);
            show();
            split();
          }
          draw();
        }
        addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
        """
}
