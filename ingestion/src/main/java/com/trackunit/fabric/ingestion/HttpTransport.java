// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

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

/** Runs calls over OkHttp, once each. The one place where its exceptions become ours. */
final class HttpTransport implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpTransport.class);
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
  private static final OkHttpClient DEFAULTS = new OkHttpClient();

  private final OkHttpClient client;
  private final boolean isOwn;
  private volatile boolean isClosed;

  private HttpTransport(OkHttpClient client, boolean isOwn) {
    this.client = client;
    this.isOwn = isOwn;
  }

  static HttpTransport open(@Nullable OkHttpClient given, Duration timeout) {
    OkHttpClient.Builder settings =
        given != null ? given.newBuilder() : new OkHttpClient.Builder().dispatcher(ownThreads());
    // The bound on a call is the bound on each of its waits, save that an address that does not
    // answer must leave time for the funnel's next one.
    Duration connect = timeout.compareTo(LONGEST_CONNECT) < 0 ? timeout : LONGEST_CONNECT;
    settings
        .followRedirects(false)
        .followSslRedirects(false)
        .authenticator(Authenticator.NONE)
        .cookieJar(CookieJar.NO_COOKIES)
        .cache(null)
        .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS))
        .connectTimeout(connect)
        .readTimeout(timeout)
        .writeTimeout(timeout)
        .callTimeout(timeout);
    return new HttpTransport(settings.build(), given == null);
  }

  static void requireHostnameVerification(OkHttpClient base) {
    if (base.hostnameVerifier() != DEFAULTS.hostnameVerifier()) {
      throw new IllegalArgumentException(
          "httpClient with a hostnameVerifier of its own: expected OkHttp's, because the funnel is"
              + " known by its name alone");
    }
  }

  <T> T run(ServiceCall<T> call) {
    try (Response response = newCall(call).execute()) {
      return read(call, response);
    } catch (IOException e) {
      throw ConnectionFailures.translate(call, e);
    }
  }

  <T> CompletionStage<T> runAsync(ServiceCall<T> call) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    newCall(call)
        .enqueue(
            new Callback() {
              @Override
              public void onFailure(Call ignored, IOException e) {
                outcome.completeExceptionally(ConnectionFailures.translate(call, e));
              }

              @Override
              public void onResponse(Call ignored, Response response) {
                try (response) {
                  outcome.complete(read(call, response));
                } catch (RuntimeException e) {
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

  private Call newCall(ServiceCall<?> call) {
    if (isClosed) {
      throw new IllegalStateException(call.describe("the client is closed"));
    }
    return client.newCall(call.request());
  }

  private static <T> T read(ServiceCall<T> call, Response response) {
    BoundedBody body;
    try {
      body = BoundedBody.read(response.body());
    } catch (IOException e) {
      throw ConnectionFailures.translateMidway(call, e);
    }
    log.debug("{}", call.describe("status " + response.code()));
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
