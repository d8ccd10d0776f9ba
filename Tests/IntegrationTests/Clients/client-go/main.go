// What client-go makes of the server: dynamic and metadata informers (by WatchList), the retry watcher over watches that end, the
// pager, server-side apply, patches and preconditions. Each check prints a line "ok NAME"; the first failure ends the program.
//
// Built inside a kubernetes tree (an overlay puts this file there), whose vendored client-go it uses:
//
//	main KUBECONFIG NAMESPACE PROFILE.pb.gz
package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/pager"
	watchtools "k8s.io/client-go/tools/watch"
)

var (
	profiles = schema.GroupVersionResource{Group: "profefe.io", Version: "v1", Resource: "profiles"}
	captures = schema.GroupVersionResource{Group: "profefe.io", Version: "v1", Resource: "profilecaptures"}
	ctx      = context.Background()
	limit    = 60 * time.Second
)

// requests notes what was asked, to prove that informers came by WatchList and not by its fallback.
type requests struct {
	sync.Mutex
	next  http.RoundTripper
	asked []string
}

func (r *requests) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	what := "list"
	switch {
	case query.Get("sendInitialEvents") == "true":
		what = "watchlist"
	case query.Get("watch") != "":
		what = "watch"
	}
	if request.Method == "GET" {
		r.Lock()
		r.asked = append(r.asked, what)
		r.Unlock()
	}
	return r.next.RoundTrip(request)
}

func (r *requests) take() []string {
	r.Lock()
	defer r.Unlock()
	defer func() { r.asked = nil }()
	return r.asked
}

func check(err error, doing string) {
	if err != nil {
		fail("%s: %v", doing, err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "FAILED "+format+"\n", values...)
	os.Exit(1)
}

func await(what string, holds func() bool) {
	end := time.Now().Add(limit)
	for !holds() {
		if time.Now().After(end) {
			fail("within %v it did not come to this: %s", limit, what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func ok(name string) { fmt.Println("ok", name) }

func profile(namespace, service string, data []byte) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "profefe.io/v1", "kind": "Profile",
		"metadata": map[string]any{"namespace": namespace},
		"spec": map[string]any{
			"service": service, "type": "cpu", "data": base64.StdEncoding.EncodeToString(data),
		},
	}}
}

func capture(name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "profefe.io/v1", "kind": "ProfileCapture",
		"metadata": map[string]any{"name": name, "labels": map[string]any{"app": "web"}},
		"spec": map[string]any{
			"target": map[string]any{"podName": "no-such-pod"}, "types": []any{"heap"},
		},
	}}
}

// follow checks an informer: the present objects, a new one, a change, a deletion.
func follow(name string, informer cache.SharedIndexInformer, noted *requests, client dynamic.ResourceInterface,
	make func() *unstructured.Unstructured) {
	present, err := client.List(ctx, metav1.ListOptions{})
	check(err, "list")
	noted.take()
	var added, updated, deleted sync.Map
	key := func(object any) string {
		if gone, is := object.(cache.DeletedFinalStateUnknown); is {
			return gone.Key
		}
		key, _ := cache.MetaNamespaceKeyFunc(object)
		return key
	}
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { added.Store(key(object), true) },
		UpdateFunc: func(_, object any) {
			if object.(metav1.Object).GetLabels()["turn"] == "2" {
				updated.Store(key(object), true)
			}
		},
		DeleteFunc: func(object any) { deleted.Store(key(object), true) },
	})
	check(err, "handler")
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	go informer.Run(stop.Done())
	await(name+": the informer is synced", informer.HasSynced)
	if count := len(informer.GetStore().List()); count != len(present.Items) {
		fail("%s: the informer has %d objects, the list %d", name, count, len(present.Items))
	}
	if asked := noted.take(); !slices.Contains(asked, "watchlist") || slices.Contains(asked, "list") {
		fail("%s: the informer asked %v, not by WatchList", name, asked)
	}
	object, err := client.Create(ctx, make(), metav1.CreateOptions{})
	check(err, "create")
	id, _ := cache.MetaNamespaceKeyFunc(object)
	has := func(events *sync.Map) func() bool {
		return func() bool { _, is := events.Load(id); return is }
	}
	await(name+": ADDED "+id, has(&added))
	_, err = client.Patch(ctx, object.GetName(), types.MergePatchType,
		[]byte(`{"metadata":{"labels":{"turn":"2"}}}`), metav1.PatchOptions{})
	check(err, "patch")
	await(name+": MODIFIED "+id, has(&updated))
	check(client.Delete(ctx, object.GetName(), metav1.DeleteOptions{}), "delete")
	await(name+": DELETED "+id, has(&deleted))
	ok(name)
}

// paged reads a list through the pager, which must meet each object once.
func paged(client dynamic.ResourceInterface) {
	whole, err := client.List(ctx, metav1.ListOptions{})
	check(err, "list")
	reader := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		return client.List(ctx, options)
	})
	reader.PageSize = 7
	seen := map[string]bool{}
	check(reader.EachListItem(ctx, metav1.ListOptions{}, func(object runtime.Object) error {
		name := object.(metav1.Object).GetName()
		if seen[name] {
			return fmt.Errorf("%s came twice", name)
		}
		seen[name] = true
		return nil
	}), "pager")
	if len(seen) != len(whole.Items) || len(seen) < 20 {
		fail("the pager met %d objects of %d", len(seen), len(whole.Items))
	}
	ok("pager")
}

// shortWatches watches for a second at a time, so that the retry watcher has something to retry.
type shortWatches struct{ client dynamic.ResourceInterface }

func (s shortWatches) WatchWithContext(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	second := int64(1)
	options.TimeoutSeconds = &second
	return s.client.Watch(ctx, options)
}

// retried follows changes over several watches; each must come once, in order.
func retried(client dynamic.ResourceInterface, noted *requests, data []byte) {
	list, err := client.List(ctx, metav1.ListOptions{})
	check(err, "list")
	watcher, err := watchtools.NewRetryWatcherWithContext(ctx, list.GetResourceVersion(), shortWatches{client})
	check(err, "retry watcher")
	defer watcher.Stop()
	noted.take()
	created := make(chan string, 16)
	go func() {
		watches := 0
		for i := 0; i < 8; i++ {
			// Every other one behind another watch, so that there is a seam to resume over.
			if i%2 == 0 {
				await("another watch", func() bool {
					for _, what := range noted.take() {
						if what == "watch" {
							watches++
						}
					}
					return watches > i/2
				})
			}
			object, err := client.Create(ctx, profile("", "retry", data), metav1.CreateOptions{})
			check(err, "create")
			created <- object.GetName()
		}
		close(created)
	}()
	last := uint64(0)
	for name := range created {
		select {
		case event := <-watcher.ResultChan():
			object, is := event.Object.(metav1.Object)
			if !is || event.Type != watch.Added || object.GetName() != name {
				fail("the retry watcher told %v, expected ADDED %s", event, name)
			}
			version, err := strconv.ParseUint(object.GetResourceVersion(), 10, 64)
			check(err, "resourceVersion")
			if version <= last {
				fail("the retry watcher told %d after %d", version, last)
			}
			last = version
		case <-time.After(limit):
			fail("the retry watcher did not tell %s", name)
		}
	}
	ok("retry watcher")
}

// writes applies, patches and deletes as controllers do.
func writes(client dynamic.ResourceInterface) {
	applied, err := client.Apply(ctx, "by-apply", capture("by-apply"), metav1.ApplyOptions{FieldManager: "one"})
	check(err, "apply that creates")
	again, err := client.Apply(ctx, "by-apply", capture("by-apply"), metav1.ApplyOptions{FieldManager: "one"})
	check(err, "apply again")
	_ = again
	other := capture("by-apply")
	other.SetLabels(map[string]string{"app": "db"})
	_, err = client.Apply(ctx, "by-apply", other, metav1.ApplyOptions{FieldManager: "two"})
	if !apierrors.IsConflict(err) {
		fail("an apply of another's field: %v", err)
	}
	forced, err := client.Apply(ctx, "by-apply", other, metav1.ApplyOptions{FieldManager: "two", Force: true})
	check(err, "forced apply")
	if forced.GetLabels()["app"] != "db" || len(forced.GetManagedFields()) < 2 {
		fail("forced apply: %v", forced)
	}
	ok("apply")
	_, err = client.Patch(ctx, "by-apply", types.JSONPatchType,
		[]byte(`[{"op":"replace","path":"/metadata/labels/app","value":"web"}]`), metav1.PatchOptions{})
	check(err, "json patch")
	_, err = client.Patch(ctx, "by-apply", types.StrategicMergePatchType, []byte(`{}`), metav1.PatchOptions{})
	if !apierrors.IsUnsupportedMediaType(err) {
		fail("strategic merge patch: %v", err)
	}
	ok("patches")
	wrong := types.UID("nope")
	err = client.Delete(ctx, "by-apply", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &wrong}})
	if !apierrors.IsConflict(err) {
		fail("a deletion with a wrong uid: %v", err)
	}
	right := applied.GetUID()
	err = client.Delete(ctx, "by-apply", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &right}})
	check(err, "deletion with the right uid")
	_, err = client.Get(ctx, "by-apply", metav1.GetOptions{})
	if !apierrors.IsNotFound(err) {
		fail("a get of what is gone: %v", err)
	}
	ok("preconditions")
}

// stale checks how the errors that controllers act on are told.
func stale(client dynamic.ResourceInterface) {
	if _, err := client.Watch(ctx, metav1.ListOptions{ResourceVersion: "1"}); err != nil && !apierrors.IsResourceExpired(err) {
		fail("a watch from 1: %v", err)
	}
	object, err := client.Create(ctx, capture("stale"), metav1.CreateOptions{})
	check(err, "create")
	_, err = client.Create(ctx, capture("stale"), metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		fail("a second creation: %v", err)
	}
	object.SetAnnotations(map[string]string{"a": "b"})
	object.SetResourceVersion("1")
	if _, err = client.Update(ctx, object, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		fail("an update of an old version: %v", err)
	}
	_, err = client.List(ctx, metav1.ListOptions{ResourceVersion: "99999999", ResourceVersionMatch: "Exact"})
	if !apierrors.IsTimeout(err) || !apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) {
		fail("a list of the future: %v", err)
	}
	_, err = client.List(ctx, metav1.ListOptions{FieldSelector: "spec.nothing=1"})
	if !apierrors.IsBadRequest(err) {
		fail("a list by an unknown field: %v", err)
	}
	ok("errors")
}

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err, "kubeconfig")
	namespace := os.Args[2]
	data, err := os.ReadFile(os.Args[3])
	check(err, "profile")
	config.QPS, config.Burst = -1, -1
	noted := &requests{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { noted.next = next; return noted })
	client, err := dynamic.NewForConfig(config)
	check(err, "dynamic client")
	all := client.Resource(profiles).Namespace(namespace)
	for i := 0; i < 25; i++ {
		_, err := all.Create(ctx, profile("", "service-"+strconv.Itoa(i%3), data), metav1.CreateOptions{})
		check(err, "create")
	}
	dynamics := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, namespace, nil)
	follow("dynamic informer of profiles", dynamics.ForResource(profiles).Informer(), noted, all,
		func() *unstructured.Unstructured { return profile("", "informed", data) })
	follow("dynamic informer of captures", dynamics.ForResource(captures).Informer(), noted,
		client.Resource(captures).Namespace(namespace), func() *unstructured.Unstructured { return capture("informed") })
	metaClient, err := metadata.NewForConfig(rest.CopyConfig(config))
	check(err, "metadata client")
	metadatas := metadatainformer.NewFilteredSharedInformerFactory(metaClient, 0, namespace, nil)
	follow("metadata informer of profiles", metadatas.ForResource(profiles).Informer(), noted, all,
		func() *unstructured.Unstructured { return profile("", "informed", data) })
	paged(all)
	retried(all, noted, data)
	writes(client.Resource(captures).Namespace(namespace))
	stale(client.Resource(captures).Namespace(namespace))
}
