// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import okhttp3.Authenticator;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionSpec;
import okhttp3.CookieJar;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs calls to the service over OkHttp, once each. Its exceptions become ours here. */
final class HttpTransport implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpTransport.class);
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
  private static final OkHttpClient DEFAULTS = new OkHttpClient();

  private final OkHttpClient client;
  private final boolean isOwn;
  private final Timekeeper time;
  private final Duration timeout;
  private final boolean isHandshakeAllowed;
  private volatile Duration handshakeAllowance;
  private volatile boolean isClosed;

  HttpTransport(
      @Nullable OkHttpClient given, Timekeeper time, Duration timeout, Duration firstHandshake) {
    this.time = time;
    this.timeout = timeout;
    this.isHandshakeAllowed = !firstHandshake.isZero();
    this.handshakeAllowance = firstHandshake;
    this.isOwn = given == null;
    OkHttpClient.Builder settings =
        given != null ? given.newBuilder() : new OkHttpClient.Builder().dispatcher(ownThreads());
    // An address that does not answer must leave time for the funnel's next one. All other waits
    // are bounded by the watch on each call, which knows about the handshake and goes by our clock.
    Duration connect = timeout.compareTo(LONGEST_CONNECT) < 0 ? timeout : LONGEST_CONNECT;
    this.client =
        settings
            .followRedirects(false)
            .followSslRedirects(false)
            .authenticator(Authenticator.NONE)
            .cookieJar(CookieJar.NO_COOKIES)
            .cache(null)
            .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS))
            .connectTimeout(connect)
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .callTimeout(Duration.ZERO)
            .addNetworkInterceptor(
                chain -> {
                  // Only now is there a connection, with its handshake done.
                  connected(chain.request().tag(Watch.class));
                  return RetryAfter.setAside(chain.proceed(chain.request()));
                })
            .build();
  }

  static void requireHostnameVerification(OkHttpClient base) {
    if (base.hostnameVerifier() != DEFAULTS.hostnameVerifier()) {
      throw new IllegalArgumentException(
          "httpClient with a hostnameVerifier of its own: expected OkHttp's, because the funnel is"
              + " known by its name alone");
    }
  }

  /** How much longer an attempt may take now, because no handshake has been made yet. */
  Duration handshakeAllowance() {
    return handshakeAllowance;
  }

  boolean isClosed() {
    return isClosed;
  }

  void requireOpen(CallSite site) {
    if (isClosed) {
      throw new IllegalStateException(site.describe("the client is closed"));
    }
  }

  <T> T run(ServiceCall<T> call, Deadline deadline) {
    Watch watch = new Watch(time, deadline);
    try (Response response = newCall(call, watch).execute()) {
      return read(call, response, watch);
    } catch (IOException e) {
      throw ConnectionFailures.translate(call.site(), e, watch);
    } finally {
      watch.end();
    }
  }

  <T> CompletionStage<T> runAsync(ServiceCall<T> call, Deadline deadline) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    Watch watch = new Watch(time, deadline);
    Call made;
    try {
      made = newCall(call, watch);
    } catch (IngestionException e) {
      return CompletableFuture.failedFuture(e);
    }
    made.enqueue(
        new Callback() {
          @Override
          public void onFailure(Call ignored, IOException e) {
            watch.end();
            outcome.completeExceptionally(ConnectionFailures.translate(call.site(), e, watch));
          }

          @Override
          public void onResponse(Call ignored, Response response) {
            try (response) {
              T answer = read(call, response, watch);
              watch.end();
              outcome.complete(answer);
            } catch (RuntimeException | Error e) {
              watch.end();
              outcome.completeExceptionally(e);
            }
          }
        });
    return outcome;
  }

  @Override
  public void close() {
    isClosed = true;
    if (isOwn) {
      client.dispatcher().cancelAll();
      client.dispatcher().executorService().shutdown();
      client.connectionPool().evictAll();
    }
  }

  private Call newCall(ServiceCall<?> call, Watch watch) {
    if (isClosed) {
      throw ConnectionFailures.closed(call.site());
    }
    Call made = client.newCall(call.request(watch));
    watch.begin(made, timeout.plus(handshakeAllowance));
    return made;
  }

  private void connected(@Nullable Watch watch) {
    handshakeAllowance = Duration.ZERO;
    if (watch != null) {
      watch.connected();
      if (isHandshakeAllowed) {
        watch.restart(timeout);
      }
    }
  }

  private static <T> T read(ServiceCall<T> call, Response response, Watch watch) {
    BoundedBody body;
    try {
      body = BoundedBody.read(response.body());
    } catch (IOException e) {
      throw ConnectionFailures.translateMidway(call.site(), e, watch);
    }
    if (log.isDebugEnabled()) {
      log.debug("{}", call.site().describe("status " + response.code()));
    }
    return call.read(response, body);
  }

  private static Dispatcher ownThreads() {
    Dispatcher dispatcher =
        new Dispatcher(Executors.newCachedThreadPool(FabricThreads.named("ingestion", "http")));
    // All calls go to one host; OkHttp's own bound of 5 there is meant for browsing.
    dispatcher.setMaxRequestsPerHost(dispatcher.getMaxRequests());
    return dispatcher;
  }
}
