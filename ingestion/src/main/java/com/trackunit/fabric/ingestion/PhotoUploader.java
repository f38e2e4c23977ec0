// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.X509TrustManager;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts photos to presigned URLs, in one pass and constant memory. A URL is used only if {@link
 * UploadHosts} says so. The HTTP client is its own and knows nothing of any other: no redirect,
 * proxy, cookie, key, token, trace or correlation header; what goes out is Host, Content-Type,
 * Content-Length and the bytes. A URL's query is in no log and no error.
 *
 * <p>For whoever has a presigned URL and no {@link IngestionClient}, which has one of these inside.
 * Thread-safe; the maker closes it. Blocking calls run on the caller's thread.
 */
public final class PhotoUploader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PhotoUploader.class);

  private final OkHttpClient http;
  private final UploadHosts hosts;
  private final Duration stallTimeout;
  private final Duration timeout;
  private final Timekeeper time;
  private final Clock clock;
  private final Retries retries;
  private final IngestionMetrics metrics;
  private final ExecutorService workers =
      Executors.newCachedThreadPool(FabricThreads.named("ingestion", "upload"));
  private volatile boolean isClosed;

  private PhotoUploader(Builder builder) {
    this.hosts = builder.hosts;
    this.stallTimeout = builder.stallTimeout;
    this.timeout = builder.timeout;
    this.time = builder.time == null ? new SystemTimekeeper() : builder.time;
    this.clock = builder.clock;
    this.metrics = new IngestionMetrics(builder.meterRegistry);
    RetrySettings retry = builder.retry.toBuilder().circuitBreaker(0, stallTimeout).build();
    this.retries = new Retries(retry, time, builder.random, metrics);
    OkHttpClient.Builder settings =
        new OkHttpClient.Builder()
            .dns(hosts.over(builder.dns))
            .proxy(Proxy.NO_PROXY)
            .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS))
            .followRedirects(false)
            .followSslRedirects(false)
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .addNetworkInterceptor(PhotoUploader::onlySignedHeaders);
    if (builder.trust != null) {
      settings.sslSocketFactory(Tls.socketFactory(builder.trust), builder.trust);
    }
    this.http = settings.build();
  }

  /**
   * The settings of a new uploader.
   *
   * @param hosts where photos may be sent
   * @return a builder with defaults
   */
  public static Builder builder(UploadHosts hosts) {
    return new Builder(hosts);
  }

  /**
   * Puts a photo to a presigned URL. Blocks. When the object store is away it is put again, from
   * its beginning, as the {@link RetrySettings} say.
   *
   * @param putUrl from {@link Upload#putUrl}; a secret until it expires
   * @param photo with the content type that the upload was started with
   * @param options deadline and progress; nothing of them is sent
   * @return what was stored, for the confirmation
   * @throws UploadExpiredException if the URL is too old
   * @throws PhotoUnreadableException if the photo cannot be read or changed meanwhile
   * @throws IngestionUnavailableException if the object store cannot be reached or is in trouble
   * @throws IngestionProtocolException if the URL is not to be trusted or the object store refuses
   *     it
   * @throws IllegalStateException if the uploader is closed
   */
  public StoredPhoto upload(URI putUrl, Photo photo, CallOptions options) {
    requireOpen();
    PresignedPut put = PresignedPut.trusted(putUrl, hosts, options.correlationId());
    Attempts attempts = retries.attempts(options.deadline(), timeout);
    return retries.run(
        put.site(), attempts, deadline -> once(put, photo, options.progress(), deadline));
  }

  /**
   * Puts a photo on a thread of the uploader's.
   *
   * @param putUrl as for {@link #upload}
   * @param photo as for {@link #upload}
   * @param options as for {@link #upload}; listeners run on the uploader's thread
   * @return completes as {@link #upload} returns or throws
   */
  public CompletionStage<StoredPhoto> uploadAsync(URI putUrl, Photo photo, CallOptions options) {
    return onWorker(() -> upload(putUrl, photo, options));
  }

  /** Ends the uploads under way. Does not wait. Closing twice does nothing. */
  @Override
  public void close() {
    isClosed = true;
    time.close();
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
    workers.shutdown();
  }

  @Override
  public String toString() {
    return "PhotoUploader[" + hosts + "]";
  }

  /** Runs what blocks where it may. */
  <T> CompletionStage<T> onWorker(Supplier<T> work) {
    requireOpen();
    CompletableFuture<T> outcome = new CompletableFuture<>();
    workers.execute(
        () -> {
          try {
            outcome.complete(work.get());
          } catch (RuntimeException | Error e) {
            outcome.completeExceptionally(e);
          }
        });
    return outcome;
  }

  private void requireOpen() {
    if (isClosed) {
      throw new IllegalStateException("ingestion upload: the client is closed");
    }
  }

  private StoredPhoto once(
      PresignedPut put, Photo photo, ProgressListener progress, Deadline deadline) {
    if (isClosed) {
      throw ConnectionFailures.closed(put.site());
    }
    Watch watch = new Watch(time, deadline);
    PhotoBody body = new PhotoBody(photo, progress, watch, stallTimeout);
    Call call =
        http.newCall(
            new Request.Builder().url(put.url()).put(body).tag(Watch.class, watch).build());
    watch.begin(call, stallTimeout);
    try (Response response = call.execute()) {
      put.require(response, answer(put, response, watch), clock);
      log.debug("{}", put.site().describe("stored " + photo.bytes() + " bytes"));
      return complete(put, body);
    } catch (PhotoBody.AbortedException e) {
      throw e.rethrown();
    } catch (PhotoBody.UnreadableException e) {
      throw new PhotoUnreadableException(
          put.site().describe("photo " + photo.filename() + ": " + e.getMessage()), e.getCause());
    } catch (IOException e) {
      throw ConnectionFailures.translate(put.site(), e, watch);
    } finally {
      watch.end();
      metrics.sent(body.sent());
    }
  }

  private static BoundedBody answer(PresignedPut put, Response response, Watch watch) {
    try {
      return BoundedBody.read(response.body());
    } catch (IOException e) {
      throw ConnectionFailures.translateMidway(put.site(), e, watch);
    }
  }

  /** An object store that is content before it has all is not believed. */
  private static StoredPhoto complete(PresignedPut put, PhotoBody body) {
    if (!body.isComplete()) {
      throw new IngestionUnavailableException(
          put.site().describe("answered before it had all the bytes; try again"),
          Reason.CONNECTION_LOST,
          null);
    }
    return body.stored();
  }

  /** Takes away what OkHttp adds of its own. */
  private static Response onlySignedHeaders(Interceptor.Chain chain) throws IOException {
    Watch watch = chain.request().tag(Watch.class);
    if (watch != null) {
      watch.connected();
    }
    return RetryAfter.setAside(
        chain.proceed(
            chain
                .request()
                .newBuilder()
                .removeHeader("User-Agent")
                .removeHeader("Accept-Encoding")
                .removeHeader("Connection")
                .build()));
  }

  /** The settings of a {@link PhotoUploader}. Not thread-safe. */
  public static final class Builder {
    private final UploadHosts hosts;
    private Duration stallTimeout = Duration.ofSeconds(30);
    private Duration timeout = Duration.ofMinutes(15);
    private RetrySettings retry = RetrySettings.builder().build();
    private @Nullable X509TrustManager trust;
    private @Nullable MeterRegistry meterRegistry;
    private @Nullable Timekeeper time;
    private Clock clock = Clock.systemUTC();
    private Dns dns = Dns.SYSTEM;
    private RandomGenerator random = Retries.JITTER;

    private Builder(UploadHosts hosts) {
      this.hosts = Objects.requireNonNull(hosts, "hosts");
    }

    /**
     * How long an upload may go without moving: connecting, 64 KiB more, or the answer. Default 30
     * s.
     *
     * @param limit 1 ms to 10 minutes
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder stallTimeout(Duration limit) {
      this.stallTimeout = require("stallTimeout", limit, Duration.ofMinutes(10));
      return this;
    }

    /**
     * The upper bound over all attempts of an upload that brings no deadline. Default 15 minutes.
     *
     * @param overall 1 ms to 1 day
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder timeout(Duration overall) {
      this.timeout = require("timeout", overall, Duration.ofDays(1));
      return this;
    }

    /**
     * How failures that may pass are met; its deadline and circuit breaker play no part.
     *
     * @param settings default: those of {@link RetrySettings#builder}
     * @return this
     */
    public Builder retry(RetrySettings settings) {
      this.retry = Objects.requireNonNull(settings, "settings");
      return this;
    }

    /**
     * Whose certificates prove an object store. Default: the JVM's trust.
     *
     * @param manager asked for each connection; host names are verified in any case
     * @return this
     */
    public Builder trust(X509TrustManager manager) {
      this.trust = Objects.requireNonNull(manager, "manager");
      return this;
    }

    /**
     * Where metrics go: {@code fabric.ingestion.calls}, {@code .retries}, {@code .upload.bytes}.
     *
     * @param registry default: nowhere
     * @return this
     */
    public Builder meterRegistry(MeterRegistry registry) {
      this.meterRegistry = Objects.requireNonNull(registry, "registry");
      return this;
    }

    /** Tests and the client bring their own time and chance. */
    Builder time(Timekeeper keeper, RandomGenerator generator) {
      this.time = keeper;
      this.random = generator;
      return this;
    }

    Builder clock(Clock wall) {
      this.clock = wall;
      return this;
    }

    Builder dns(Dns names) {
      this.dns = names;
      return this;
    }

    /**
     * Makes the uploader; connects to nothing yet.
     *
     * @return an uploader that its maker closes
     */
    public PhotoUploader build() {
      return new PhotoUploader(this);
    }

    private static Duration require(String option, Duration value, Duration most) {
      if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(most) > 0) {
        throw new IllegalArgumentException(option + " is " + value + ", expected 1 ms to " + most);
      }
      return value;
    }
  }
}
