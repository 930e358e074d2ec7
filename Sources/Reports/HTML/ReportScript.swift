/// What a report does: sorting, filtering, players in step, the blind test. Says in `data-ready` that it got to its end, and in
/// `data-error` what went wrong.
enum ReportScript {
    static let javaScript = #"""
        "use strict";
        const root = document.documentElement;
        addEventListener("error", event => { root.dataset.error = event.message; });

        // Tables: a heading sorts, again the other way round. The address remembers the choice.
        const cellKey = cell => cell.dataset.value !== undefined ? Number(cell.dataset.value) : null;
        function sortTable(table, column, descending) {
          const rows = Array.from(table.tBodies[0].rows);
          const sign = descending ? -1 : 1;
          rows.sort((first, second) => {
            const [a, b] = [first.cells[column], second.cells[column]];
            const [x, y] = [cellKey(a), cellKey(b)];
            if (x === null && y === null) return sign * a.textContent.localeCompare(b.textContent, undefined, { numeric: true });
            // What is missing comes last either way.
            if (x === null || y === null) return x === null ? 1 : -1;
            return sign * (x - y);
          });
          table.tBodies[0].append(...rows);
          Array.from(table.tHead.rows[0].cells).forEach((head, index) => {
            if (index === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
            else head.removeAttribute("aria-sort");
          });
        }
        for (const table of document.querySelectorAll("table.sortable")) {
          Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
            head.querySelector("button").addEventListener("click", () => {
              const descending = head.getAttribute("aria-sort") === "ascending";
              sortTable(table, column, descending);
              history.replaceState(null, "", `#sort=${table.id},${column},${descending ? "descending" : "ascending"}`);
            });
          });
        }
        const asked = /^#sort=([\w-]+),(\d+),(ascending|descending)$/.exec(location.hash);
        const askedTable = asked && document.getElementById(asked[1]);
        if (askedTable && askedTable.tHead && Number(asked[2]) < askedTable.tHead.rows[0].cells.length) {
          sortTable(askedTable, Number(asked[2]), asked[3] === "descending");
        }

        // The filter of the long table.
        const filter = document.getElementById("filter");
        const scoreRows = Array.from(document.querySelectorAll("#score-table tbody tr"));
        function applyFilter() {
          const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
          let shown = 0;
          for (const row of scoreRows) {
            const text = row.textContent.toLowerCase();
            row.hidden = !words.every(word => text.includes(word));
            if (!row.hidden) shown += 1;
          }
          document.getElementById("shown").textContent = `${shown} of ${scoreRows.length} rows`;
        }
        filter.addEventListener("input", applyFilter);
        applyFilter();

        // Players: all sources of an item run at once and all but one are mute, so that switching keeps the place.
        const players = [];
        class Player {
          constructor(element) {
            this.element = element;
            this.sounds = Array.from(element.querySelectorAll("audio"));
            this.choices = Array.from(element.querySelectorAll("input[type=radio]"));
            this.button = element.querySelector(".play");
            this.seek = element.querySelector(".seek");
            this.current = 0;
            this.button.addEventListener("click", () => this.toggle());
            this.seek.addEventListener("input", () => this.goTo(Number(this.seek.value) * (this.sounds[0].duration || 0)));
            this.choices.forEach((choice, index) => choice.addEventListener("change", () => this.choose(index)));
            element.addEventListener("keydown", event => this.key(event));
            this.sounds[0].addEventListener("timeupdate", () => this.show());
            this.sounds[0].addEventListener("ended", () => { this.pause(); this.goTo(0); });
            this.choose(0);
          }
          key(event) {
            const number = Number(event.key) - 1;
            if (event.key === " " && event.target !== this.button) { this.toggle(); event.preventDefault(); }
            else if (event.key >= "1" && event.key <= "9" && number < this.choices.length) this.pick(number);
          }
          pick(index) { this.choices[index].checked = true; this.choose(index); }
          choose(index) {
            const time = this.sounds[this.current].currentTime;
            this.current = index;
            this.sounds.forEach((sound, number) => { sound.muted = number !== index; });
            // Sources may have drifted apart by a little.
            if (Math.abs(this.sounds[index].currentTime - time) > 0.02) this.sounds[index].currentTime = time;
          }
          goTo(time) { for (const sound of this.sounds) sound.currentTime = time; this.show(); }
          toggle() { this.sounds[0].paused ? this.play() : this.pause(); }
          play() {
            for (const other of players) if (other !== this) other.pause();
            const time = this.sounds[this.current].currentTime;
            for (const sound of this.sounds) { sound.currentTime = time; sound.play().catch(() => this.pause()); }
            this.button.textContent = "Pause";
          }
          pause() { for (const sound of this.sounds) sound.pause(); this.button.textContent = "Play"; }
          show() {
            const [time, length] = [this.sounds[0].currentTime, this.sounds[0].duration || 0];
            this.seek.value = length ? time / length : 0;
            this.element.querySelector(".time").textContent = `${time.toFixed(1)} s`;
          }
        }

        // One-sided binomial test: the chance of at least so many right answers by guessing.
        function binomialTail(right, trials) {
          let term = Math.pow(0.5, trials), sum = 0;
          for (let k = 0; k <= trials; k += 1) {
            if (k >= right) sum += term;
            term *= (trials - k) / (k + 1);
          }
          return Math.min(1, sum);
        }
        function makeBlindTest(element, player) {
          const [a, b] = [element.querySelector("select.a"), element.querySelector("select.b")];
          const verdict = element.querySelector(".verdict");
          let trials = 0, right = 0, x = "A";
          const draw = () => { x = crypto.getRandomValues(new Uint8Array(1))[0] & 1 ? "A" : "B"; };
          const source = letter => Number((letter === "X" ? x : letter) === "A" ? a.value : b.value);
          const restart = () => { trials = 0; right = 0; verdict.textContent = "No trials yet."; draw(); };
          for (const button of element.querySelectorAll("[data-play]")) button.addEventListener("click", () => {
            // The marks of the player would tell what X is.
            for (const choice of player.choices) choice.checked = false;
            player.choose(source(button.dataset.play));
            player.goTo(0);
            player.play();
          });
          for (const button of element.querySelectorAll("[data-answer]")) button.addEventListener("click", () => {
            trials += 1;
            if (button.dataset.answer === x) right += 1;
            verdict.textContent = `${right} of ${trials} right, p = ${binomialTail(right, trials).toPrecision(3)} by guessing`;
            draw();
          });
          for (const select of [a, b]) select.addEventListener("change", restart);
          element.querySelector(".restart").addEventListener("click", restart);
          draw();
        }
        for (const element of document.querySelectorAll(".player")) {
          const player = new Player(element);
          players.push(player);
          const test = element.nextElementSibling;
          if (test && test.matches(".abx")) makeBlindTest(test, player);
        }
        root.dataset.ready = binomialTail(9, 10).toFixed(6);
        """#
}
