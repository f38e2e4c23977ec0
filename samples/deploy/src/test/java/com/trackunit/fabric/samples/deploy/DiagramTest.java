// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The picture in the README: labels from the manifests, and room for each. */
class DiagramTest {
  private static final Pattern TEXT =
      Pattern.compile("<text class=\"([a-z ]+)\" x=\"(\\d+)\" y=\"(\\d+)\">([^<]*)</text>");
  private static final Pattern BOX =
      Pattern.compile("class=\"box\" x=\"(\\d+)\" y=\"\\d+\" width=\"(\\d+)\"");

  /** A generous mean for the sans-serif fonts that browsers have. */
  private static final double WIDTH_OF_A_LETTER = 0.56;

  private static final double HEIGHT = 12;

  private record Label(String text, double left, double right, double top, double bottom) {
    boolean overlaps(Label other) {
      return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }
  }

  private final DeployFolder folder = ProjectFolder.folder();
  private final Overlay overlay = folder.kept("production");

  @Test
  void labelsAreThoseOfTheManifests() {
    assertThat(draw())
        .contains(">ns api-gateway<", ">Service kong-kong-proxy<", ">LoadBalancer 443 to 8443<")
        .contains(">https://graphql.local<", ">/graphql<", ">10.0.0.10/32<", ">TCP 6443<")
        .contains(">login.microsoftonline.com<", ">ingestion.example-tailnet.ts.net<")
        .contains(">Deployment, 3 pods<", ">policies: default-deny, kong<");
    change("Service messaging/rabbitmq", "/spec/ports/0", "port", 5673);
    assertThat(draw()).contains(">ClusterIP 5673 to 5672<");
  }

  @Test
  void noLabelCoversAnotherOrLeavesItsBox() {
    List<Label> labels = labels(draw());
    assertThat(labels).hasSizeGreaterThan(30);
    for (int i = 0; i < labels.size(); i++) {
      for (Label other : labels.subList(i + 1, labels.size())) {
        assertThat(labels.get(i).overlaps(other)).as("%s over %s", labels.get(i), other).isFalse();
      }
    }
    Matcher box = BOX.matcher(draw());
    int boxes = 0;
    while (box.find()) {
      boxes++;
      double left = Integer.parseInt(box.group(1));
      double right = left + Integer.parseInt(box.group(2));
      for (Label label : labels) {
        boolean crosses =
            label.top() > 150
                && label.bottom() < 262
                && ((label.left() < left && label.right() > left)
                    || (label.left() < right && label.right() > right));
        assertThat(crosses).as("%s over the edge of a box", label).isFalse();
      }
    }
    assertThat(boxes).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{apiVersion: v1, kind: Namespace, metadata: {name: more}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: more, namespace: messaging}}",
        "{apiVersion: v1, kind: Service, metadata: {name: more, namespace: messaging},"
            + " spec: {selector: {app: more}}}",
        "{apiVersion: example.com/v1, kind: More, metadata: {name: more, namespace: messaging}}",
      })
  void anObjectWithoutAPlaceIsAnError(String object) {
    List<Manifest> objects = new ArrayList<>(overlay.objects());
    objects.addAll(Manifests.parse("more", object));
    assertThatThrownBy(
            () -> Diagram.draw(new Overlay("production", objects), folder.reach(overlay)))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("more: has no place in the diagram");
  }

  @Test
  void anArrowWithoutAPlaceIsAnError() {
    // RabbitMQ lets in a pod of the surroundings, for which there is no box.
    ObjectNode rule = (ObjectNode) tree("NetworkPolicy messaging/rabbitmq").at("/spec/ingress/0");
    rule.remove("from");
    rule.withArray("from")
        .addObject()
        .putObject("namespaceSelector")
        .putObject("matchLabels")
        .put("kubernetes.io/metadata.name", "elsewhere");
    assertThatThrownBy(this::draw)
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("elsewhere/stranger reaches messaging/rabbitmq")
        .hasMessageContaining("has no place in the diagram");
  }

  private String draw() {
    return Diagram.draw(overlay, folder.reach(overlay));
  }

  private void change(String id, String path, String field, int value) {
    ((ObjectNode) tree(id).at(path)).put(field, value);
  }

  private ObjectNode tree(String id) {
    return overlay.objects().stream()
        .filter(object -> object.id().equals(id))
        .findFirst()
        .orElseThrow()
        .tree();
  }

  private static List<Label> labels(String svg) {
    List<Label> labels = new ArrayList<>();
    Matcher text = TEXT.matcher(svg);
    while (text.find()) {
      String style = text.group(1);
      double width = text.group(4).length() * WIDTH_OF_A_LETTER * HEIGHT;
      double x = Integer.parseInt(text.group(2));
      double y = Integer.parseInt(text.group(3));
      double left = style.endsWith(" m") ? x - width / 2 : style.endsWith(" e") ? x - width : x;
      if (!text.group(4).isEmpty()) {
        labels.add(new Label(text.group(4), left, left + width, y - HEIGHT, y + 2));
      }
    }
    return labels;
  }
}
