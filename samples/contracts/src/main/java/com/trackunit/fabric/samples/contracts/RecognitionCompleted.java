// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The vision service has looked at a photo. Kafka topic {@link Wire.Topics#RECOGNITION_COMPLETED},
 * then exchange {@link Wire.Exchanges#RECOGNITION_COMPLETED}. It does not name its photo: the
 * message's key (Kafka key, AMQP header {@link Wire.Headers#KAFKA_KEY}) is the object key.
 * Immutable.
 *
 * @param provider who looked
 * @param aggregate what was seen
 */
public record RecognitionCompleted(Provider provider, Aggregate aggregate) {
  /**
   * Checks that both parts are there.
   *
   * @throws IllegalArgumentException naming the part that is missing
   */
  public RecognitionCompleted {
    Required.value(provider, "provider");
    Required.value(aggregate, "aggregate");
  }

  /**
   * The vision provider and what it was asked for. Immutable.
   *
   * @param name the provider's name
   * @param apiVersion the version of its API, if it told
   * @param featureset the features asked for; may be empty
   * @param maxResults the most results asked for, if there was a limit
   */
  public record Provider(
      String name,
      @Nullable String apiVersion,
      List<String> featureset,
      @Nullable Integer maxResults) {
    /**
     * Checks what is required and copies the list.
     *
     * @throws IllegalArgumentException naming the value that is missing
     */
    public Provider {
      Required.text(name, "provider.name");
      for (String feature : Required.value(featureset, "provider.featureset")) {
        Required.value(feature, "an element of provider.featureset");
      }
      featureset = List.copyOf(featureset);
    }
  }

  /**
   * The machine as far as it was recognised. Immutable.
   *
   * @param brand the maker, if recognised
   * @param type the kind of machine, such as {@code excavator}, if recognised
   * @param model the model, if recognised
   * @param confidence 0 to 1
   * @param isConfident whether the vision service stands by its answer
   * @param typeConfidence 0 to 1, if told
   * @param typeSource what the type was concluded from, if told
   * @param name the whole machine in words, if told
   */
  public record Aggregate(
      @Nullable String brand,
      @Nullable String type,
      @Nullable String model,
      double confidence,
      boolean isConfident,
      @Nullable Double typeConfidence,
      @Nullable String typeSource,
      @Nullable String name) {
    /**
     * Checks the bounds.
     *
     * @throws IllegalArgumentException naming the value that is out of bounds
     */
    public Aggregate {
      Required.fraction(confidence, "aggregate.confidence");
      if (typeConfidence != null) {
        Required.fraction(typeConfidence, "aggregate.typeConfidence");
      }
    }
  }
}
