// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.samples.contracts.AnalysisCompleted;
import com.trackunit.fabric.samples.contracts.AnalysisStarted;
import java.util.List;

/**
 * What came back for a photo. Immutable.
 *
 * @param objectKey the photo in the store
 * @param correlationId the id that {@code startUpload} answered with
 * @param started the event, with the correlation id it carried
 * @param completed the event, with the correlation id it carried
 * @param hops the steps with their times
 */
public record PhotoAnswer(
    String objectKey,
    String correlationId,
    AnalysisStarted started,
    AnalysisCompleted completed,
    List<Hop> hops) {
  /** Copies the list. */
  public PhotoAnswer {
    hops = List.copyOf(hops);
  }
}
