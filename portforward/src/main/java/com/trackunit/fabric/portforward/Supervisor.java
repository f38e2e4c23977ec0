// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.core.Lifecycle;
import com.trackunit.fabric.core.ResourceState;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.portforward.ForwardMetrics.Outcome;
import com.trackunit.fabric.portforward.PortForwardException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a proven pod behind the local port: watches the EndpointSlices, chooses a ready pod, probes
 * it, and begins again when it goes, when a link to it breaks, or when a probe fails. One thread of
 * its own; the first steps run on the opener's.
 */
final class Supervisor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Supervisor.class);
  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration SHORT_WATCH = Duration.ofSeconds(10);

  private final ForwardSettings settings;
  private final ApiServer api;
  private final CurrentTarget current;
  private final LocalListener listener;
  private final Lifecycle lifecycle;
  private final ForwardMetrics metrics;
  private final EndpointWatch watch;
  private final Backoff backoff;
  private final Ticker ticker = Ticker.system();
  private @Nullable Target proven;
  private @Nullable Target lastUsed;
  private long provenAt;
  private String portName = "";
  private int shortWatches;
  private long watchBegan = ticker.nanos();
  private @Nullable Thread thread;

  Supervisor(
      ForwardSettings settings,
      ApiServer api,
      CurrentTarget current,
      LocalListener listener,
      Lifecycle lifecycle) {
    this.settings = settings;
    this.api = api;
    this.current = current;
    this.listener = listener;
    this.lifecycle = lifecycle;
    this.metrics = listener.metrics();
    this.watch = new EndpointWatch(api, current::changed);
    this.backoff =
        Backoff.exponential(
            FIRST_BACKOFF,
            settings.timeouts().backoffLimit(),
            // Of the thread that asks: another thread's would be unseeded, the same in all
            // replicas.
            () -> ThreadLocalRandom.current().nextLong());
  }

  /** The first steps: returns with a proven pod, or throws. */
  void open() throws InterruptedException {
    Deadline deadline = Deadline.after(settings.timeouts().open(), ticker);
    for (int failures = 1; ; failures++) {
      try {
        begin();
        step();
        break;
      } catch (PortForwardException e) {
        Duration pause = backoff.delay(failures);
        if (!e.isRetryable() || deadline.remaining().compareTo(pause) < 0) {
          throw e;
        }
        log.debug("{}: attempt {}: {}", settings.service(), failures, e.getMessage());
        current.awaitWork(Deadline.after(pause, ticker), false);
      }
    }
    Thread supervising = FabricThreads.named("portforward", "supervisor").newThread(this::run);
    thread = supervising;
    supervising.start();
  }

  private void run() {
    int failures = 0;
    try {
      while (!current.isClosed()) {
        try {
          if (failures > 0) {
            begin();
          }
          step();
          failures = awaitWork() ? 0 : 1;
        } catch (PortForwardException e) {
          failures++;
          down(String.valueOf(e.getMessage()));
          current.awaitWork(Deadline.after(backoff.delay(failures), ticker), false);
        } catch (RuntimeException e) {
          // Whatever it is, the forward must not stay without a supervisor.
          failures++;
          log.warn("{}: unexpected", settings.service(), e);
          down(e.toString());
          current.awaitWork(Deadline.after(backoff.delay(failures), ticker), false);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** False if a link broke meanwhile, and everything is to be looked at anew. */
  private boolean awaitWork() throws InterruptedException {
    Duration sinceProof = Duration.ofNanos(ticker.nanos() - provenAt);
    Duration wait = settings.timeouts().probeInterval().minus(sinceProof);
    String suspicion =
        current.awaitWork(Deadline.after(wait.isNegative() ? Duration.ZERO : wait, ticker), true);
    if (suspicion != null) {
      down(ApiErrors.bounded(suspicion));
    }
    return suspicion == null;
  }

  /** Reads the Service and all its slices anew: a guess about what changed could be wrong. */
  private void begin() {
    proven = null;
    portName = api.portName();
    watch.refresh();
    watchBegan = ticker.nanos();
  }

  private void step() throws InterruptedException {
    if (!watch.isAlive() && !current.isClosed()) {
      rewatch();
    }
    Endpoints endpoints = watch.endpoints(portName);
    listener.cutIf(target -> !endpoints.present().contains(target.uid()), "the pod is gone");
    Target using = current.now();
    if (using != null && !endpoints.ready().contains(using)) {
      down(using + " is not ready any more");
    }
    Target next = choose(endpoints);
    boolean isDue = ticker.nanos() - provenAt >= settings.timeouts().probeInterval().toNanos();
    if (!next.equals(proven) || isDue) {
      probe(next);
    }
    if (!next.equals(current.now())) {
      use(next);
    }
  }

  /** A watch ends now and then in the best of clusters; one that ends at once is given time. */
  private void rewatch() throws InterruptedException {
    boolean wasShort = ticker.nanos() - watchBegan < SHORT_WATCH.toNanos();
    shortWatches = wasShort ? shortWatches + 1 : 0;
    if (shortWatches > 1) {
      current.awaitWork(Deadline.after(backoff.delay(shortWatches - 1), ticker), false);
    }
    watch.refresh();
    watchBegan = ticker.nanos();
  }

  private Target choose(Endpoints endpoints) {
    List<Target> ready = endpoints.ready();
    if (ready.isEmpty()) {
      throw new PortForwardException(
          Reason.NO_READY_POD,
          "forward to "
              + settings.service()
              + ": no pod is ready ("
              + endpoints.present().size()
              + " behind the service); it goes on when one is",
          null);
    }
    Target kept = proven;
    if (kept != null && ready.contains(kept)) {
      return kept;
    }
    return ready.get(ThreadLocalRandom.current().nextInt(ready.size()));
  }

  private void probe(Target target) {
    long began = ticker.nanos();
    proven = null;
    try {
      PodProbe.run(api, target, settings.probe(), settings.timeouts().connect());
    } catch (RuntimeException e) {
      metrics.probed(Outcome.FAILED, ticker.nanos() - began);
      throw e;
    }
    provenAt = ticker.nanos();
    metrics.probed(Outcome.GOOD, provenAt - began);
    proven = target;
  }

  /** Does nothing where a link broke meanwhile: the wait that follows sees it. */
  private void use(Target next) {
    if (!current.use(next)) {
      return;
    }
    if (lastUsed != null && !next.equals(lastUsed)) {
      metrics.podChanged();
    }
    lastUsed = next;
    lifecycle.moveTo(ResourceState.OPEN, "forwarding to " + next);
  }

  private void down(String why) {
    current.drop();
    lifecycle.moveTo(ResourceState.RECOVERING, why);
  }

  /** Ends the thread; it may be in a call for as long as a timeout, which an interrupt ends. */
  @Override
  public void close() {
    current.close();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    watch.close();
  }
}
