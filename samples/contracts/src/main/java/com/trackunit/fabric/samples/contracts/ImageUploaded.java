// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A photo lies in the object store and was checked. Kafka topic {@link
 * Wire.Topics#IMAGES_UPLOADED}, then exchange {@link Wire.Exchanges#IMAGE_UPLOADED}. Immutable.
 *
 * @param uploadId the upload it ended
 * @param objectKey where the photo lies: {@code images/{yyyy}/{MM}/{dd}/{guid}.{ext}}; it
 *     identifies the analysis
 * @param contentType such as {@code image/jpeg}
 * @param bytes the photo's size; more than zero
 * @param checksum {@code sha256:} and 64 hexadecimal digits
 * @param occurredAt when the upload was confirmed
 */
public record ImageUploaded(
    UUID uploadId,
    String objectKey,
    String contentType,
    long bytes,
    String checksum,
    Instant occurredAt) {
  private static final Pattern CHECKSUM = Pattern.compile("sha256:[0-9a-fA-F]{64}");

  /**
   * Checks that every value is there and in its bounds.
   *
   * @throws IllegalArgumentException naming the value that is not
   */
  public ImageUploaded {
    Required.value(uploadId, "uploadId");
    Required.text(objectKey, "objectKey");
    Required.text(contentType, "contentType");
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes is " + bytes + ", expected more than 0");
    }
    Required.matching(checksum, "checksum", CHECKSUM, "sha256:<64 hexadecimal digits>");
    Required.value(occurredAt, "occurredAt");
  }
}
