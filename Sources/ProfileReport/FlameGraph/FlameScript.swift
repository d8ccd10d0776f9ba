/// What makes the picture one to work with: zoom, search, tooltips, keys. Names reach the page as text only.
enum FlameScript {
    static let text = #"""
        (function () {
          'use strict';
          var svg = (document.currentScript && document.currentScript.ownerSVGElement) || document.documentElement;
          var NS = 'http://www.w3.org/2000/svg', ROW = 18, TOP = 64, PAD = 8, CHAR = 7.3, SMALLEST = 0.4;
          var D = JSON.parse(svg.querySelector('#data').textContent);
          var stride = D.diff ? 5 : 4, n = D.boxes.length / stride;
          var depth = [], name = [], mass = [], flat = [], cum = [], x = [], parent = [], end = [], hits = [], shown = {};
          var zoom = 0, focused = 0, term = null;

          function byId(id) { return svg.querySelector('#' + id); }
          function element(tag, attributes, into, text) {
            var e = document.createElementNS(NS, tag);
            for (var key in attributes) e.setAttribute(key, attributes[key]);
            if (text !== undefined) e.textContent = text;
            if (into) into.appendChild(e);
            return e;
          }

          (function read() {
            var cursor = [0], open = [];
            for (var i = 0; i < n; i++) {
              var at = i * stride, d = D.boxes[at];
              depth.push(d); name.push(D.boxes[at + 1]);
              mass.push(D.boxes[at + 2] * D.scale);
              flat.push(D.boxes[at + 1] === -2 ? D.boxes[at + 3] : D.boxes[at + 3] * D.scale);
              cum.push(D.diff ? D.boxes[at + 4] * D.scale : mass[i]);
              x.push(cursor[d]); cursor[d] += mass[i]; cursor[d + 1] = x[i];
              while (open.length > d) end[open.pop()] = i;
              parent.push(d ? open[d - 1] : -1);
              open.push(i);
            }
            while (open.length) end[open.pop()] = n;
          })();

          function label(i) {
            return name[i] >= 0 ? D.names[name[i]] : name[i] === -1 ? 'all' : '(' + flat[i] + ' more frames)';
          }
          function value(v) {
            if (v < 0) return '-' + value(-v);
            var base = v * D.factor, best = null;
            D.units.forEach(function (u) { if (base / u[1] >= 1) best = u; });
            if (!best && D.units.length) best = D.fallback;
            var text = (best ? base / best[1] : v).toFixed(2).replace(/\.00$/, '');
            return text === '0' ? '0' : text + (best ? best[0] : D.plain);
          }
          function share(v) {
            var total = D.diff ? mass[0] : D.total;
            return (total ? Math.abs(v) / total * 100 : 0).toFixed(2) + '%';
          }
          function details(i) {
            if (name[i] === -2) return ['cut away to keep the picture small: ' + value(mass[i]) + ' (' + share(mass[i]) + ')'];
            if (D.diff) {
              var before = (mass[i] - cum[i]) / 2, after = (mass[i] + cum[i]) / 2;
              return ['before ' + value(before) + ', after ' + value(after) + ', change ' + (cum[i] > 0 ? '+' : '') + value(cum[i]) +
                (before ? ' (' + (cum[i] > 0 ? '+' : '') + (cum[i] / before * 100).toFixed(1) + '%)' : ''),
                'itself: change ' + (flat[i] > 0 ? '+' : '') + value(flat[i])];
            }
            return ['cum ' + value(cum[i]) + ' (' + share(cum[i]) + ')', 'flat ' + value(flat[i]) + ' (' + share(flat[i]) + ')'];
          }
          function className(i) { return name[i] === -2 ? 'cut' : D.diff ? D.classes[i] : name[i] < 0 ? 'n' : D.classes[name[i]]; }

          // With room for a scroll bar where the whole picture needs one.
          var tallest = TOP + (depth.reduce(function (a, b) { return Math.max(a, b); }, 0) + 1) * ROW + PAD + 60;
          var frames = byId('frames'), tip = byId('tip'), width = 0;
          function box(i, left, w, isAbove) {
            var text = label(i);
            var g = element('g', { 'class': 'box ' + className(i) + (isAbove ? ' above' : '') + (hits[i] ? ' hit' : ''),
              tabindex: i === focused ? 0 : -1, role: 'treeitem', 'aria-label': text + ', ' + details(i).join(', ') }, frames);
            var y = TOP + depth[i] * ROW;
            element('rect', { x: left.toFixed(2), y: y, width: Math.max(w, 0.3).toFixed(2), height: ROW - 1, rx: 2 }, g);
            var room = Math.floor((w - 6) / CHAR);
            if (room >= 2) {
              element('text', { x: (left + 4).toFixed(2), y: y + 13 }, g, text.length <= room ? text : text.slice(0, room - 1) + '…');
            }
            g.setAttribute('data-i', i);
            shown[i] = g;
          }
          function draw() {
            width = Math.max(320, (window.innerWidth || 1200) - (tallest > window.innerHeight ? 16 : 0));
            while (frames.firstChild) frames.removeChild(frames.firstChild);
            shown = {};
            var full = width - 2 * PAD, scale = mass[zoom] ? full / mass[zoom] : 0, lowest = 0;
            for (var up = parent[zoom]; up >= 0; up = parent[up]) box(up, PAD, full, true);
            for (var i = zoom; i < end[zoom]; i++) {
              var w = mass[i] * scale;
              if (w < SMALLEST && i !== zoom) { i = end[i] - 1; continue; }
              box(i, PAD + (x[i] - x[zoom]) * scale, w || full, false);
              if (depth[i] > lowest) lowest = depth[i];
            }
            var height = TOP + (lowest + 1) * ROW + PAD + 60;
            svg.setAttribute('width', width); svg.setAttribute('height', height);
            svg.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
            byId('reset').style.display = zoom ? '' : 'none';
            byId('box').setAttribute('x', width - 268);
            byId('matched').setAttribute('x', width - 276);
            hideTip();
          }
          function zoomTo(i) { if (name[i] === -2) return; zoom = i; focused = i; draw(); focus(i); }
          function focus(i) {
            if (!shown[i]) return;
            if (shown[focused]) shown[focused].setAttribute('tabindex', -1);
            focused = i; shown[i].setAttribute('tabindex', 0); shown[i].focus({ preventScroll: false });
            byId('details').textContent = label(i) + ' — ' + details(i).join(', ');
          }
          function search(text) {
            term = null;
            if (text) {
              try { term = new RegExp(text, 'i'); } catch (e) { term = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i'); }
            }
            var sum = 0, count = 0, until = 0;
            for (var i = 0; i < n; i++) {
              hits[i] = term !== null && name[i] >= 0 && term.test(label(i));
              if (!hits[i]) continue;
              count++;
              if (i >= until) { sum += mass[i]; until = end[i]; }
            }
            byId('matched').textContent = term ? 'matched ' + share(sum) + ' (' + value(sum) + ', ' + count + ' frames)' : '';
            draw();
          }
          function nextHit(step) {
            for (var k = 1; k <= n; k++) {
              var i = (focused + step * k + n * 2) % n;
              if (hits[i] && shown[i]) return focus(i);
            }
          }
          function sibling(i, step) {
            var best = -1;
            for (var key in shown) {
              var k = +key;
              if (depth[k] !== depth[i] || k === i || (k - i) * step < 0) continue;
              if (best < 0 || Math.abs(k - i) < Math.abs(best - i)) best = k;
            }
            return best;
          }
          function firstChild(i) {
            var best = -1;
            for (var k = i + 1; k < end[i]; k++) {
              if (parent[k] === i && shown[k] && (best < 0 || mass[k] > mass[best])) best = k;
            }
            return best;
          }
          function boxOf(event) {
            var g = event.target.closest ? event.target.closest('.box') : null;
            return g ? +g.getAttribute('data-i') : -1;
          }
          function hideTip() { tip.style.display = 'none'; }
          function showTip(i, event) {
            var lines = [], text = label(i);
            for (var at = 0; at < text.length && lines.length < 6; at += 90) lines.push(text.slice(at, at + 90));
            if (name[i] >= 0 && D.files[name[i]]) lines.push(D.files[name[i]]);
            lines = lines.concat(details(i));
            while (tip.firstChild) tip.removeChild(tip.firstChild);
            var widest = Math.max.apply(null, lines.map(function (l) { return l.length; })) * CHAR + 16, high = lines.length * 16 + 10;
            element('rect', { width: widest, height: high, rx: 4 }, tip);
            lines.forEach(function (l, k) { element('text', { x: 8, y: 18 + k * 16 }, tip, l); });
            var point = svg.createSVGPoint(); point.x = event.clientX; point.y = event.clientY;
            var p = point.matrixTransform(svg.getScreenCTM().inverse());
            tip.setAttribute('transform', 'translate(' + Math.max(4, Math.min(p.x + 12, width - widest - 4)) + ',' + (p.y + 18) + ')');
            tip.style.display = '';
          }

          frames.addEventListener('click', function (e) { var i = boxOf(e); if (i >= 0) zoomTo(i); });
          frames.addEventListener('mousemove', function (e) { var i = boxOf(e); if (i >= 0) showTip(i, e); else hideTip(); });
          frames.addEventListener('mouseleave', hideTip);
          byId('reset').addEventListener('click', function () { zoomTo(0); });
          var input = byId('search');
          input.addEventListener('input', function () { search(input.value); });
          svg.addEventListener('keydown', function (e) {
            if (e.target === input) {
              if (e.key === 'Escape') { input.value = ''; search(''); focus(zoom); }
              if (e.key === 'Enter') nextHit(1);
              return;
            }
            if (e.target === byId('reset') && (e.key === 'Enter' || e.key === ' ')) { zoomTo(0); e.preventDefault(); return; }
            if (e.key === '/' || ((e.ctrlKey || e.metaKey) && e.key === 'f')) { input.focus(); e.preventDefault(); return; }
            if (e.ctrlKey || e.metaKey || e.altKey) return;
            var to = -1;
            switch (e.key) {
              case 'ArrowUp': to = parent[focused]; break;
              case 'ArrowDown': to = firstChild(focused); break;
              case 'ArrowLeft': to = sibling(focused, -1); break;
              case 'ArrowRight': to = sibling(focused, 1); break;
              case 'Enter': case ' ': zoomTo(focused); e.preventDefault(); return;
              case 'Escape': case 'Home': zoomTo(0); e.preventDefault(); return;
              case 'n': nextHit(1); return;
              case 'N': nextHit(-1); return;
              default: return;
            }
            e.preventDefault();
            if (to >= 0) focus(to);
          });
          window.addEventListener('resize', draw);
          var still = byId('static');
          still.parentNode.removeChild(still);
          byId('tools').style.display = '';
          draw();
        })();
        """#
}
