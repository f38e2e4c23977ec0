// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.core.TraceParent;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The client of tu-ingestion-service (REST v1) behind a Tailscale Funnel: it starts an upload,
 * confirms it, and asks for the service's health. The bytes themselves go straight to the URL that
 * {@link Upload} holds, not through this client.
 *
 * <p>Only https; the certificate and its name are always verified; redirects are not followed, so
 * that the internal access key goes nowhere else; an answer longer than 64 KiB is refused. Each
 * call is one attempt, bounded by {@link Builder#timeout}; every failure is an {@link
 * IngestionException} that says whether another attempt makes sense.
 *
 * <p>Thread-safe. The blocking calls run on the caller's thread and end early when it is
 * interrupted (the interrupt stays set). The {@code Async} calls complete on a thread of the HTTP
 * client; do not block it. The maker closes the client.
 */
public final class IngestionClient implements HealthSource, AutoCloseable {
  private static final String HEALTH_NAME = "ingestion";

  private final HttpUrl base;
  private final UploadCalls calls;
  private final HttpTransport transport;
  private volatile Health health = Health.down(HEALTH_NAME, "not asked yet");

  private IngestionClient(Builder builder) {
    this.base = builder.base;
    this.calls = new UploadCalls(builder.base, builder.internalAccessKey);
    this.transport = HttpTransport.open(builder.httpClient, builder.timeout);
  }

  /**
   * The settings of a new client.
   *
   * @param baseUri where the service is, such as {@code https://node.tailnet.ts.net}; a path is
   *     kept as a prefix; no user, query or fragment
   * @return a builder with defaults
   * @throws IllegalArgumentException if the address is not such a one
   */
  public static Builder builder(URI baseUri) {
    return new Builder(baseUri);
  }

  /**
   * Starts an upload, without a trace. See {@link #startUpload(String, String, CorrelationId,
   * TraceParent)}.
   *
   * @param filename the photo's name, for the service to check
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param id the correlation id of the work
   * @return where to put the bytes
   * @throws IngestionException as the overload with a trace
   */
  public Upload startUpload(String filename, String contentType, CorrelationId id) {
    return startUpload(filename, contentType, id, null);
  }

  /**
   * Starts an upload. Blocks until the answer or the timeout.
   *
   * @param filename the photo's name, for the service to check
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param id the correlation id of the work
   * @param trace the trace it belongs to, or null
   * @return where to put the bytes; the leave ends at {@link Upload#expiresAt}
   * @throws UploadRejectedException if the service refuses the name or the type
   * @throws IngestionUnavailableException if the service cannot be reached or is in trouble
   * @throws IngestionUnauthorizedException if the internal access key is refused
   * @throws IngestionProtocolException if the answer is none of the contract's
   */
  public Upload startUpload(
      String filename, String contentType, CorrelationId id, @Nullable TraceParent trace) {
    return run(calls.start(filename, contentType, id, trace));
  }

  /**
   * Starts an upload without blocking.
   *
   * @param filename the photo's name, for the service to check
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param id the correlation id of the work
   * @param trace the trace it belongs to, or null
   * @return completes as {@link #startUpload(String, String, CorrelationId, TraceParent)} returns
   *     or throws
   */
  public CompletionStage<Upload> startUploadAsync(
      String filename, String contentType, CorrelationId id, @Nullable TraceParent trace) {
    return runAsync(calls.start(filename, contentType, id, trace));
  }

  /**
   * Confirms an upload, without a trace. See {@link #confirmUpload(String, long, String,
   * CorrelationId, TraceParent)}.
   *
   * @param uploadId from {@link Upload#uploadId}
   * @param bytes how many were uploaded
   * @param checksum of those bytes, {@code sha256:<64 hex>}
   * @param id the correlation id of the work
   * @return the service's word for what it did
   * @throws IngestionException as the overload with a trace
   */
  public String confirmUpload(String uploadId, long bytes, String checksum, CorrelationId id) {
    return confirmUpload(uploadId, bytes, checksum, id, null);
  }

  /**
   * Confirms that the bytes are there, upon which the service tells the rest of the system. Blocks
   * until the answer or the timeout. May be called again with the same values.
   *
   * @param uploadId from {@link Upload#uploadId}
   * @param bytes how many were uploaded
   * @param checksum of those bytes, {@code sha256:<64 hex>}
   * @param id the correlation id of the work; the one the upload was started with
   * @param trace the trace it belongs to, or null
   * @return the service's word for what it did, such as {@code accepted}
   * @throws UploadRejectedException if the object in the store is not what is confirmed
   * @throws UnknownUploadException if the service knows no such upload
   * @throws IngestionUnavailableException if the service cannot be reached or is in trouble
   * @throws IngestionUnauthorizedException if the internal access key is refused
   * @throws IngestionProtocolException if the answer is none of the contract's
   */
  public String confirmUpload(
      String uploadId, long bytes, String checksum, CorrelationId id, @Nullable TraceParent trace) {
    return run(calls.confirm(uploadId, bytes, checksum, id, trace));
  }

  /**
   * Confirms an upload without blocking.
   *
   * @param uploadId from {@link Upload#uploadId}
   * @param bytes how many were uploaded
   * @param checksum of those bytes, {@code sha256:<64 hex>}
   * @param id the correlation id of the work; the one the upload was started with
   * @param trace the trace it belongs to, or null
   * @return completes as {@link #confirmUpload(String, long, String, CorrelationId, TraceParent)}
   *     returns or throws
   */
  public CompletionStage<String> confirmUploadAsync(
      String uploadId, long bytes, String checksum, CorrelationId id, @Nullable TraceParent trace) {
    return runAsync(calls.confirm(uploadId, bytes, checksum, id, trace));
  }

  /**
   * What the last call of any kind showed; asks nobody. Down until the first call, so a service
   * that has nothing else to ask runs {@link #probe} now and then.
   */
  @Override
  public Health health() {
    return health;
  }

  /**
   * Asks the service's own {@code GET /health}, without the key. Blocks until the answer or the
   * timeout.
   *
   * @return the new {@link #health}; a failure is an answer too, not an exception
   * @throws IllegalStateException if the client is closed
   */
  public Health probe() {
    try {
      run(calls.health(CorrelationId.random()));
    } catch (IngestionException e) {
      // Remembered by run, as every outcome is.
    }
    return health;
  }

  /**
   * Ends what the client owns: its HTTP client, and with it the calls under way, unless that was
   * given. Does not wait. Closing twice does nothing.
   */
  @Override
  public void close() {
    transport.close();
  }

  @Override
  public String toString() {
    return "IngestionClient[" + base + "]";
  }

  private <T> T run(ServiceCall<T> call) {
    try {
      T answer = transport.run(call);
      health = answered();
      return answer;
    } catch (IngestionException e) {
      health = remembered(e);
      throw e;
    }
  }

  private <T> CompletionStage<T> runAsync(ServiceCall<T> call) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    transport
        .runAsync(call)
        .whenComplete(
            (answer, failure) -> {
              if (failure == null) {
                health = answered();
                outcome.complete(answer);
              } else {
                if (failure instanceof IngestionException e) {
                  health = remembered(e);
                }
                // Not the stage that whenComplete returns: that one would wrap the failure.
                outcome.completeExceptionally(failure);
              }
            });
    return outcome;
  }

  private static Health answered() {
    return Health.up(HEALTH_NAME, "the last call was answered");
  }

  /** A refusal of the input is an answer: the service works. */
  private static Health remembered(IngestionException failure) {
    return failure instanceof UploadRejectedException || failure instanceof UnknownUploadException
        ? answered()
        : Health.down(HEALTH_NAME, String.valueOf(failure.getMessage()));
  }

  /** The settings of an {@link IngestionClient}. Not thread-safe. */
  public static final class Builder {
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final HttpUrl base;
    private @Nullable Secret internalAccessKey;
    private @Nullable OkHttpClient httpClient;
    private Duration timeout = Duration.ofSeconds(10);

    private Builder(URI baseUri) {
      HttpUrl url = HttpUrl.get(baseUri);
      if (url == null
          || !url.isHttps()
          || !url.username().isEmpty()
          || !url.password().isEmpty()
          || url.query() != null
          || url.fragment() != null) {
        throw new IllegalArgumentException(
            "baseUri with scheme "
                + baseUri.getScheme()
                + " and host "
                + baseUri.getHost()
                + ": expected https://host[:port][/prefix] without user, query or fragment");
      }
      this.base = url;
    }

    /**
     * The key sent as {@code X-Internal-Access}. Default: none is sent.
     *
     * @param key visible ASCII characters, at least one
     * @return this
     * @throws IllegalArgumentException if a header cannot carry it
     */
    public Builder internalAccessKey(Secret key) {
      String value = key.reveal();
      if (value.isEmpty() || !value.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
        throw new IllegalArgumentException(
            "internalAccessKey of "
                + value.length()
                + " characters: expected at least one, all visible ASCII");
      }
      this.internalAccessKey = key;
      return this;
    }

    /**
     * An HTTP client whose connections, TLS trust, proxy and interceptors to use; it stays the
     * caller's to close. What this client promises is set over it: no redirects, cookies, cache or
     * authenticators, TLS only, {@link #timeout}. Default: an own one with the JDK's trust.
     *
     * @param base the client to build on
     * @return this
     * @throws IllegalArgumentException if it does not verify host names as OkHttp does
     */
    public Builder httpClient(OkHttpClient base) {
      HttpTransport.requireHostnameVerification(base);
      this.httpClient = base;
      return this;
    }

    /**
     * How long one call may take in all, from the name lookup to the last byte of the answer.
     * Default 10 seconds. A funnel's first handshake can take a minute while its node obtains a
     * certificate: allow for that where it matters.
     *
     * @param callTimeout from 1 ms to 10 minutes
     * @return this
     * @throws IllegalArgumentException if it is out of bounds
     */
    public Builder timeout(Duration callTimeout) {
      if (callTimeout.compareTo(Duration.ofMillis(1)) < 0 || callTimeout.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "timeout " + callTimeout + " is out of bounds, expected 1 ms to 10 minutes");
      }
      this.timeout = Objects.requireNonNull(callTimeout, "callTimeout");
      return this;
    }

    /**
     * Makes the client; connects to nothing yet.
     *
     * @return a client that its maker closes
     */
    public IngestionClient build() {
      return new IngestionClient(this);
    }
  }
}
