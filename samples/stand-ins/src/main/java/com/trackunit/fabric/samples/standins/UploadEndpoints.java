// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.standins.ObjectStore.PresignedPut;
import com.trackunit.fabric.samples.standins.ObjectStore.StoredObject;
import com.trackunit.fabric.samples.standins.UploadedImages.PublishFailedException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Start and confirm, as the REST contract has them. Thread-safe. Two confirmations of one upload at
 * the same moment may both publish it: delivery is at least once.
 */
final class UploadEndpoints {
  private static final Logger log = LoggerFactory.getLogger(UploadEndpoints.class);
  private static final Duration URL_LIFETIME = Duration.ofMinutes(5);
  private static final int MOST_UPLOADS = 100_000;
  private static final int LONGEST_NAME = 255;
  private static final Pattern CHECKSUM = Pattern.compile("sha256:[0-9a-fA-F]{64}");
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyy/MM/dd", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final ObjectStore store;
  private final UploadedImages news;
  private final Clock clock;
  // The oldest are forgotten first, so that a stand-in left alone stays small.
  private final Map<String, StartedUpload> uploads =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, StartedUpload> eldest) {
              return size() > MOST_UPLOADS;
            }
          });

  UploadEndpoints(ObjectStore store, UploadedImages news, Clock clock) {
    this.store = store;
    this.news = news;
    this.clock = clock;
  }

  Answer start(String body, Journey journey) {
    Fields fields = Fields.of(body);
    fields.text(
        "filename",
        name ->
            !name.isBlank()
                && name.length() <= LONGEST_NAME
                && name.chars().noneMatch(c -> c < 0x20 || c == '/' || c == '\\'),
        "must be a file name of 1 to 255 characters without a path");
    String contentType =
        fields.text(
            "contentType",
            type -> PhotoType.ofContentType(type).isPresent(),
            "must be image/jpeg, image/png or image/webp");
    Optional<PhotoType> type = PhotoType.ofContentType(contentType);
    if (!fields.errors().isEmpty() || type.isEmpty()) {
      return Answer.invalid(fields.errors());
    }
    StartedUpload upload = new StartedUpload(newKey(type.get()), type.get());
    PresignedPut put = store.presign(upload.key, contentType, URL_LIFETIME);
    uploads.put(upload.id.toString(), upload);
    log.info("upload started: objectKey={} correlationId={}", upload.key, journey.id());
    return Answer.of(
        200,
        Answer.object()
            .put("uploadId", upload.id.toString())
            .put("key", upload.key)
            .put("putUrl", put.url())
            .put("expiresAt", put.expiresAt().toString()));
  }

  Answer confirm(String body, Journey journey) throws IOException {
    Fields fields = Fields.of(body);
    String id = fields.text("uploadId", text -> !text.isBlank(), "must be the id of an upload");
    long bytes = fields.positive("bytes");
    String checksum =
        fields
            .text(
                "checksum",
                text -> CHECKSUM.matcher(text).matches(),
                "must be sha256: and 64 hexadecimal digits")
            .toLowerCase(Locale.ROOT);
    if (!fields.errors().isEmpty()) {
      return Answer.invalid(fields.errors());
    }
    StartedUpload upload = uploads.get(id.toLowerCase(Locale.ROOT));
    if (upload == null) {
      return Answer.problem(404, "Unknown upload", "No upload has this id. Start a new one.");
    }
    ImageUploaded before = upload.confirmed;
    if (before != null) {
      return before.bytes() == bytes && before.checksum().equals(checksum)
          ? accepted()
          : Answer.invalid("uploadId", "is confirmed already, with other bytes");
    }
    Optional<Answer> refusal = verify(upload, bytes, checksum);
    return refusal.isPresent() ? refusal.get() : publish(upload, bytes, checksum, journey);
  }

  private Optional<Answer> verify(StartedUpload upload, long bytes, String checksum)
      throws IOException {
    Optional<StoredObject> stored = store.inspect(upload.key);
    if (stored.isEmpty()) {
      return Optional.of(Answer.invalid("uploadId", "has no object in the store yet"));
    }
    StoredObject object = stored.get();
    Fields fields = Fields.of("{}");
    if (object.bytes() != bytes) {
      fields.wrong("bytes", "is not the size of the object, " + object.bytes());
    }
    if (!object.contentType().equals(upload.type.contentType())
        || !object.looksLike().equals(Optional.of(upload.type))) {
      fields.wrong("contentType", "the object is not " + upload.type.contentType());
    }
    if (!object.checksum().equals(checksum)) {
      fields.wrong("checksum", "is not that of the object");
    }
    return fields.errors().isEmpty()
        ? Optional.empty()
        : Optional.of(Answer.invalid(fields.errors()));
  }

  private Answer publish(StartedUpload upload, long bytes, String checksum, Journey journey) {
    ImageUploaded image =
        new ImageUploaded(
            upload.id, upload.key, upload.type.contentType(), bytes, checksum, clock.instant());
    try {
      news.publish(image, journey);
    } catch (PublishFailedException e) {
      log.error("upload not published: objectKey={} correlationId={}", upload.key, journey.id(), e);
      return Answer.problem(
          503, "Not published", "The object is fine; confirm again when the broker is back.");
    }
    upload.confirmed = image;
    log.info("upload confirmed: objectKey={} correlationId={}", upload.key, journey.id());
    return accepted();
  }

  private String newKey(PhotoType type) {
    return "images/"
        + DAY.format(clock.instant())
        + "/"
        + UUID.randomUUID()
        + "."
        + type.extension();
  }

  private static Answer accepted() {
    return Answer.of(202, Answer.object().put("status", "accepted"));
  }

  /** An upload from its start on. */
  private static final class StartedUpload {
    private final UUID id = UUID.randomUUID();
    private final String key;
    private final PhotoType type;
    private volatile @Nullable ImageUploaded confirmed;

    StartedUpload(String key, PhotoType type) {
      this.key = key;
      this.type = type;
    }
  }
}
