// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceList;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The EndpointSlices of the Service as far as we know: a list, kept up to date by a watch. It never
 * goes on by itself: when a watch has ended, somebody calls {@link #refresh} again. Thread-safe,
 * but refreshed by one thread.
 */
final class EndpointWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EndpointWatch.class);

  private final ApiServer api;
  private final Runnable changed;
  private final Map<String, EndpointSlice> slices = new HashMap<>();
  private @Nullable Listener listener;
  private @Nullable Watch watch;

  EndpointWatch(ApiServer api, Runnable changed) {
    this.api = api;
    this.changed = changed;
  }

  /** Lists and watches anew, as an old watch may be silent for good. Blocks. */
  void refresh() {
    close();
    EndpointSliceList list = api.slices();
    Listener fresh = new Listener();
    synchronized (this) {
      slices.clear();
      ApiServer.items(list).forEach(this::put);
      listener = fresh;
    }
    try {
      fresh.began(api.watch(list, fresh));
    } catch (RuntimeException e) {
      fresh.end();
      throw e;
    }
  }

  synchronized boolean isAlive() {
    return listener != null;
  }

  synchronized Endpoints endpoints(String portName) {
    return Endpoints.of(slices.values(), portName);
  }

  private void put(EndpointSlice slice) {
    slices.put(slice.getMetadata().getName(), slice);
  }

  /** One watch, from its beginning to its end. */
  private final class Listener implements Watcher<EndpointSlice> {
    @Override
    public void eventReceived(Action action, EndpointSlice slice) {
      synchronized (EndpointWatch.this) {
        if (listener != this) {
          return;
        }
        switch (action) {
          case ADDED, MODIFIED -> put(slice);
          case DELETED -> slices.remove(slice.getMetadata().getName());
          case BOOKMARK, ERROR -> {
            return;
          }
        }
      }
      changed.run();
    }

    @Override
    public void onClose(WatcherException cause) {
      log.debug("watch of EndpointSlices ended: {}", cause.toString());
      end();
      changed.run();
    }

    @Override
    public void onClose() {
      end();
    }

    void began(Watch begun) {
      boolean isWanted;
      synchronized (EndpointWatch.this) {
        isWanted = listener == this;
        if (isWanted) {
          watch = begun;
        }
      }
      if (!isWanted) {
        begun.close();
      }
    }

    void end() {
      synchronized (EndpointWatch.this) {
        if (listener == this) {
          listener = null;
          watch = null;
        }
      }
    }
  }

  @Override
  public void close() {
    Watch open;
    synchronized (this) {
      open = watch;
      listener = null;
      watch = null;
    }
    if (open != null) {
      open.close();
    }
  }
}
