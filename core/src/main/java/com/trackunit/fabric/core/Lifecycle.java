// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.core;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one long-lived resource: the one place where it changes, with the reason of the last
 * change, listeners and a health answer.
 *
 * <p>Thread-safe. Listeners run on the executor given at construction, one change at a time and in
 * the order of the changes; no lock is held meanwhile.
 */
public final class Lifecycle implements HealthSource {
  private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);

  private final String resource;
  private final Clock clock;
  private final Executor listenerExecutor;
  private final List<StateListener> listeners = new CopyOnWriteArrayList<>();

  private final Object lock = new Object();
  private final Queue<StateChange> untold = new ArrayDeque<>();
  private boolean telling;
  private volatile StateChange last;

  /**
   * A resource that begins in {@link ResourceState#OPENING}.
   *
   * @param resource its name in logs, health and listeners
   * @param clock the wall clock that dates the changes
   * @param listenerExecutor runs the listeners; never shut down by this class
   */
  public Lifecycle(String resource, Clock clock, Executor listenerExecutor) {
    this.resource = Objects.requireNonNull(resource, "resource");
    this.clock = Objects.requireNonNull(clock, "clock");
    this.listenerExecutor = Objects.requireNonNull(listenerExecutor, "listenerExecutor");
    this.last =
        new StateChange(
            resource, ResourceState.OPENING, ResourceState.OPENING, "created", clock.instant());
  }

  /**
   * The state now.
   *
   * @return never null
   */
  public ResourceState state() {
    return last.to();
  }

  /**
   * The last change and its reason.
   *
   * @return never null; before the first change, from and to are both {@code OPENING}
   */
  public StateChange lastChange() {
    return last;
  }

  /**
   * Goes to another state, if the life of a resource has that step, and tells the listeners.
   *
   * @param next the state to go to
   * @param reason why, for an operator; no secrets
   * @return true if the state changed; false if it was that state already or may not become it
   *     (nothing leaves {@code CLOSED})
   */
  public boolean moveTo(ResourceState next, String reason) {
    StateChange change;
    boolean tell;
    synchronized (lock) {
      ResourceState now = last.to();
      if (now == next || !now.mayBecome(next)) {
        return false;
      }
      change = new StateChange(resource, now, next, reason, clock.instant());
      last = change;
      untold.add(change);
      tell = !telling;
      telling = true;
    }
    log.info("{}: {} -> {} ({})", resource, change.from(), change.to(), reason);
    if (tell) {
      listenerExecutor.execute(this::tellListeners);
    }
    return true;
  }

  /**
   * Adds a listener for the changes that come after this call.
   *
   * @param listener is told of each change
   */
  public void addListener(StateListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
  }

  /**
   * Removes a listener; one that is not there is no error.
   *
   * @param listener the one given to {@link #addListener}
   */
  public void removeListener(StateListener listener) {
    listeners.remove(Objects.requireNonNull(listener, "listener"));
  }

  @Override
  public Health health() {
    StateChange change = last;
    String detail = change.to() + " since " + change.at() + ": " + change.reason();
    return change.to() == ResourceState.OPEN
        ? Health.up(resource, detail)
        : Health.down(resource, detail);
  }

  private void tellListeners() {
    while (true) {
      StateChange change;
      synchronized (lock) {
        change = untold.poll();
        if (change == null) {
          telling = false;
          return;
        }
      }
      for (StateListener listener : listeners) {
        try {
          listener.onChange(change);
        } catch (RuntimeException e) {
          log.warn("{}: a state listener threw on {}", resource, change, e);
        }
      }
    }
  }

  @Override
  public String toString() {
    return resource + " " + last.to();
  }
}
