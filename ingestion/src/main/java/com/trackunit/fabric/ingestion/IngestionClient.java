// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Health;
import com.trackunit.fabric.core.HealthSource;
import java.net.URI;
import java.time.Clock;
import java.util.concurrent.CompletionStage;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The client of tu-ingestion-service (REST v1) behind a Tailscale Funnel: it starts an upload, puts
 * the bytes to the presigned URL, confirms, and asks for the service's health; {@code uploadPhoto}
 * does all of it.
 *
 * <p>Only https; the certificate and its name are always verified; redirects are not followed, so
 * that the internal access key goes nowhere else; an answer longer than 64 KiB is refused. Failures
 * that may pass are tried again as {@link RetrySettings} say; every failure is an {@link
 * IngestionException} that says whether yet another call makes sense.
 *
 * <p>Thread-safe. The blocking calls run on the caller's thread, listeners included, and end early
 * when it is interrupted while waiting to try again (the interrupt stays set). The {@code Async}
 * calls complete on a thread of the client's; do not block it. The maker closes the client.
 */
public final class IngestionClient implements HealthSource, AutoCloseable {
  private static final String HEALTH_NAME = "ingestion";
  private static final Health ANSWERED = Health.up(HEALTH_NAME, "the last call was answered");

  private final HttpUrl base;
  private final UploadCalls calls;
  private final HttpTransport transport;
  private final PhotoUploader uploader;
  private final Timekeeper time;
  private final Clock clock;
  private final RetrySettings retrySettings;
  private final Retries retries;
  private volatile Health health = Health.down(HEALTH_NAME, "not asked yet");

  IngestionClient(IngestionClientBuilder builder) {
    this.base = builder.base;
    this.time = builder.time == null ? new SystemTimekeeper() : builder.time;
    this.clock = builder.clock;
    this.retrySettings = builder.retry;
    this.calls = new UploadCalls(builder.base, builder.internalAccessKey);
    this.transport =
        new HttpTransport(builder.httpClient, time, builder.timeout, builder.firstHandshake);
    this.uploader = builder.newUploader(time);
    this.retries =
        new Retries(
            builder.retry, time, builder.random, new IngestionMetrics(builder.meterRegistry));
  }

  /**
   * The settings of a new client.
   *
   * @param baseUri where the service is, such as {@code https://node.tailnet.ts.net}; a path is
   *     kept as a prefix; no user, query or fragment
   * @return a builder with defaults
   * @throws IllegalArgumentException if the address is not such a one
   */
  public static IngestionClientBuilder builder(URI baseUri) {
    return new IngestionClientBuilder(baseUri);
  }

  /**
   * Starts an upload. See {@link #startUpload(String, String, CallOptions)}.
   *
   * @param filename the photo's name, for the service to check
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param id the correlation id of the work
   * @return where to put the bytes
   * @throws IngestionException as the overload with options
   */
  public Upload startUpload(String filename, String contentType, CorrelationId id) {
    return startUpload(filename, contentType, CallOptions.of(id));
  }

  /**
   * Starts an upload. Blocks until the answer or the deadline.
   *
   * @param filename the photo's name, for the service to check
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param options correlation, trace, deadline
   * @return where to put the bytes; the leave ends at {@link Upload#expiresAt}
   * @throws UploadRejectedException if the service refuses the name or the type
   * @throws IngestionUnavailableException if the service cannot be reached or is in trouble
   * @throws IngestionUnauthorizedException if the internal access key is refused
   * @throws IngestionProtocolException if the answer is none of the contract's
   */
  public Upload startUpload(String filename, String contentType, CallOptions options) {
    return run(calls.start(filename, contentType, options), options.deadline());
  }

  /**
   * Starts an upload without blocking.
   *
   * @param filename the photo's name, for the service to check
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param options correlation, trace, deadline
   * @return completes as {@link #startUpload(String, String, CallOptions)} returns or throws
   */
  public CompletionStage<Upload> startUploadAsync(
      String filename, String contentType, CallOptions options) {
    return runAsync(calls.start(filename, contentType, options), options.deadline());
  }

  /**
   * Puts a photo where the service said. Blocks. The presigned URL is not trusted: see {@link
   * PhotoUploader}, which this is.
   *
   * @param upload from {@link #startUpload(String, String, CallOptions)}
   * @param photo with the content type that the upload was started with
   * @param options deadline and progress; nothing of them is sent
   * @return what was stored, for the confirmation
   * @throws UploadExpiredException if the URL is too old; start anew
   * @throws PhotoUnreadableException if the photo cannot be read or changed meanwhile
   * @throws IngestionUnavailableException if the object store cannot be reached or is in trouble
   * @throws IngestionProtocolException if the URL is not to be trusted (see {@link
   *     IngestionClientBuilder#uploadHosts}) or the object store refuses it
   */
  public StoredPhoto upload(Upload upload, Photo photo, CallOptions options) {
    return uploader.upload(upload.putUrl(), photo, options);
  }

  /**
   * Puts a photo on a thread of the client's.
   *
   * @param upload as for {@link #upload}
   * @param photo as for {@link #upload}
   * @param options as for {@link #upload}; listeners run on the client's thread
   * @return completes as {@link #upload} returns or throws
   */
  public CompletionStage<StoredPhoto> uploadAsync(Upload upload, Photo photo, CallOptions options) {
    return uploader.uploadAsync(upload.putUrl(), photo, options);
  }

  /**
   * Confirms an upload. See {@link #confirmUpload(String, long, String, CallOptions)}.
   *
   * @param uploadId from {@link Upload#uploadId}
   * @param bytes how many were uploaded
   * @param checksum of those bytes, {@code sha256:<64 hex>}
   * @param id the correlation id of the work
   * @return the service's word for what it did
   * @throws IngestionException as the overload with options
   */
  public String confirmUpload(String uploadId, long bytes, String checksum, CorrelationId id) {
    return confirmUpload(uploadId, bytes, checksum, CallOptions.of(id));
  }

  /**
   * Confirms that the bytes are there, upon which the service tells the rest of the system. Blocks
   * until the answer or the deadline. May be called again with the same values.
   *
   * @param uploadId from {@link Upload#uploadId}
   * @param bytes how many were uploaded
   * @param checksum of those bytes, {@code sha256:<64 hex>}
   * @param options deadline, trace, and the correlation the upload was started with
   * @return the service's word for what it did, such as {@code accepted}
   * @throws UploadRejectedException if the object in the store is not what is confirmed
   * @throws UnknownUploadException if the service knows no such upload
   * @throws IngestionUnavailableException if the service cannot be reached or is in trouble
   * @throws IngestionUnauthorizedException if the internal access key is refused
   * @throws IngestionProtocolException if the answer is none of the contract's
   */
  public String confirmUpload(String uploadId, long bytes, String checksum, CallOptions options) {
    return run(calls.confirm(uploadId, bytes, checksum, options), options.deadline());
  }

  /**
   * Confirms an upload without blocking.
   *
   * @param uploadId from {@link Upload#uploadId}
   * @param bytes how many were uploaded
   * @param checksum of those bytes, {@code sha256:<64 hex>}
   * @param options deadline, trace, and the correlation the upload was started with
   * @return completes as {@link #confirmUpload(String, long, String, CallOptions)} returns or
   *     throws
   */
  public CompletionStage<String> confirmUploadAsync(
      String uploadId, long bytes, String checksum, CallOptions options) {
    return runAsync(calls.confirm(uploadId, bytes, checksum, options), options.deadline());
  }

  /**
   * Starts, uploads and confirms. See {@link #uploadPhoto(Photo, UploadStep, CallOptions)}.
   *
   * @param photo what to upload
   * @param options correlation, trace, deadline over all of it, progress, steps
   * @return what was done
   * @throws IngestionException as the overload that goes on from a step
   */
  public UploadStep.Confirmed uploadPhoto(Photo photo, CallOptions options) {
    return uploadPhoto(photo, new UploadStep.NotStarted(), options);
  }

  /**
   * Does what is left of an upload. Blocks. A presigned URL that has expired is replaced by a new
   * start, once. It ends confirmed, or with a typed error whose {@link IngestionException#reached}
   * is where to go on from; what a listener throws ends it too, with the steps told so far.
   *
   * @param photo what to upload: the same as when it was begun
   * @param from how far it has come
   * @param options correlation, trace, deadline over all of it, progress, steps
   * @return what was done
   * @throws UploadRejectedException as starting and confirming do
   * @throws UnknownUploadException if the service no longer knows the upload that was begun: go on
   *     from {@link UploadStep.NotStarted}
   * @throws UploadExpiredException if even a new URL has expired
   * @throws PhotoUnreadableException if the photo cannot be read or changed meanwhile
   * @throws IngestionUnavailableException if the service or the object store is away
   * @throws IngestionUnauthorizedException if the internal access key is refused
   * @throws IngestionProtocolException if an answer is none of the contract's, or its URL not to be
   *     trusted
   */
  public UploadStep.Confirmed uploadPhoto(Photo photo, UploadStep from, CallOptions options) {
    transport.requireOpen(new CallSite("photo", base, options.correlationId()));
    return new PhotoJourney(this, clock, photo, options).from(from);
  }

  /**
   * Does all of an upload on a thread of the client's.
   *
   * @param photo as for {@link #uploadPhoto(Photo, UploadStep, CallOptions)}
   * @param from how far it has come
   * @param options as for {@code uploadPhoto}; listeners run on the client's thread
   * @return completes as {@code uploadPhoto} returns or throws
   */
  public CompletionStage<UploadStep.Confirmed> uploadPhotoAsync(
      Photo photo, UploadStep from, CallOptions options) {
    return uploader.onWorker(() -> uploadPhoto(photo, from, options));
  }

  /**
   * What the last attempt of any call to the service showed; asks nobody. Down until the first, so
   * a service that has nothing else to ask runs {@link #probe} now and then.
   */
  @Override
  public Health health() {
    return health;
  }

  /**
   * Asks the service's own {@code GET /health}, without the key, once, and past the circuit
   * breaker. Blocks until the answer or the timeout.
   *
   * @return the new {@link #health}; a failure is an answer too, not an exception
   * @throws IllegalStateException if the client is closed
   */
  public Health probe() {
    ServiceCall<Boolean> call = calls.health(CorrelationId.random());
    transport.requireOpen(call.site());
    try {
      attempt(call, Deadline.after(retrySettings.deadline(), time));
    } catch (IngestionException e) {
      // Remembered by attempt, as every outcome is.
    }
    return health;
  }

  /**
   * Asks the service's own {@code GET /health} without blocking; as {@link #probe} otherwise.
   *
   * @return completes with the new {@link #health}, never exceptionally
   * @throws IllegalStateException if the client is closed
   */
  public CompletionStage<Health> probeAsync() {
    ServiceCall<Boolean> call = calls.health(CorrelationId.random());
    transport.requireOpen(call.site());
    return transport
        .runAsync(call, Deadline.after(retrySettings.deadline(), time))
        .handle((isUp, failure) -> health = seen(failure));
  }

  /**
   * Ends what the client owns: its HTTP clients and threads, and with them the calls under way.
   * Does not wait. Closing twice does nothing.
   */
  @Override
  public void close() {
    transport.close();
    uploader.close();
    time.close();
  }

  @Override
  public String toString() {
    return "IngestionClient[" + base + "]";
  }

  boolean isClosed() {
    return transport.isClosed();
  }

  private Attempts attempts(@Nullable Deadline callers) {
    return retries.attempts(callers, retrySettings.deadline().plus(transport.handshakeAllowance()));
  }

  private <T> T run(ServiceCall<T> call, @Nullable Deadline callers) {
    transport.requireOpen(call.site());
    return retries.run(call.site(), attempts(callers), deadline -> attempt(call, deadline));
  }

  private <T> CompletionStage<T> runAsync(ServiceCall<T> call, @Nullable Deadline callers) {
    transport.requireOpen(call.site());
    return retries.runAsync(
        call.site(),
        attempts(callers),
        deadline ->
            transport
                .runAsync(call, deadline)
                .whenComplete((answer, failure) -> health = seen(failure)));
  }

  private <T> T attempt(ServiceCall<T> call, Deadline deadline) {
    try {
      T answer = transport.run(call, deadline);
      health = seen(null);
      return answer;
    } catch (IngestionException e) {
      health = seen(e);
      throw e;
    }
  }

  /** A refusal of the input is an answer: the service works. */
  private static Health seen(@Nullable Throwable failure) {
    if (failure == null
        || failure instanceof UploadRejectedException
        || failure instanceof UnknownUploadException) {
      return ANSWERED;
    }
    return Health.down(HEALTH_NAME, String.valueOf(failure.getMessage()));
  }
}
